"""What is kept, one module per resource: functions over a connection and a project."""
