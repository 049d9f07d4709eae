"""Pages for people: the map, the printed sheets, and the tables behind them. No SQL and no format writing."""
