def backtest() -> None:
    """x"""
