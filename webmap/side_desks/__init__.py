"""The desks beside the closed loop as pages, API and command line ask for them: disputes, inspections, supervision orders."""
