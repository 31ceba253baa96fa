#!/bin/sh
# nor does it keep systemd from shutting down, with modprobes waiting
# append: LIVE_SYSTEMD=1 LIVE_STALL=1
# on one kernel: it is about systemd

# Run by guest/systemd/run and guest/systemd/shutdown.
