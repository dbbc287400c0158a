"""What tests stand on: the world over moto, builders, the embedded AWS, replays."""
