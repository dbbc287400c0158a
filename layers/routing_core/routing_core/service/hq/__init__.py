"""What HQ does: the queue, leads by hand, partners, places and the programme."""
