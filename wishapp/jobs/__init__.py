"""Background work. The truth is a row in our own database (status, lease, attempt, progress); the queue only wakes workers."""
