"""What stands before the application: limits of bodies, rates, hosts and origins."""
