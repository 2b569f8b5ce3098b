"""Models that forecast counts per area and period, their scores, and their backtests."""
