"""From a backtest to the evidence that its report shows."""
