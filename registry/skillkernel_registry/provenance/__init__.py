"""Who signed a release: attestations (PEP 740) made with Sigstore, and checked before anything is unpacked."""
