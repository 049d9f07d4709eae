"""How cases come in: the report form and its phone page, receipts, 12345 work orders, and alarms of devices.

It checks and prepares what is told; the case itself is made in ``webmap.cases``. No name, phone number or track is asked for or kept.
"""
