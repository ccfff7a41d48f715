"""Statements that read counters, and the dossiers behind them."""
