"""Forecasts of incidents by place: models, rolling backtests, score cards and the guard against feedback.

It knows no database, no Flask and no clock: counts, times and random streams come in from outside.
"""
