"""How messages come in. Whatever a channel says of who wrote or sent one is dropped here, before anything is stored."""
