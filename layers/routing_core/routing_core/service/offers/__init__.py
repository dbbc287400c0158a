"""What a partner does about an offer and on the desk."""
