"""Which provider carries a delivery, and why: health, limits, money, and the registry behind them."""
