"""What the client tests stand on: a real server, a real `az`, a raw HTTP client, and the demo tenant."""
