"""What happens to mapped objects on the way through a coroutine."""
