"""What our own cases and uploaded logs tell, under the rights of who looks."""
