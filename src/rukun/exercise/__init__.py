"""The simulator behind demos, training and load tests; everything it makes is marked as exercise."""
