"""The closed loop as pages, API and command line ask for it: intake, moves, lists, case files, clocks, routing."""
