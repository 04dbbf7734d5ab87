"""What is answered about statements, forecasts and explanations."""
