"""What is kept for a time only, and how it goes when that is over: `manage.py expire_data`."""
