#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plays walks as SNMP agents, to try a driver by hand.

    agent.py [--port N] [--writable] [--fault NAME] [--loss SHARE] [--community NAME] WALK...

Each walk gets a port of its own, which is printed; with --port they get that and the ones behind it.
"""

import argparse
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from agentlib import FAULTS, VALUE_FAULTS, Agent, Server  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('--port', type=int, default=0)
    parser.add_argument('--address', default='127.0.0.1')
    parser.add_argument('--community')
    parser.add_argument('--writable', action='store_true', help='all may be set')
    parser.add_argument('--fault', choices=[*FAULTS, *VALUE_FAULTS])
    parser.add_argument('--loss', type=float, default=0.0)
    parser.add_argument('walks', nargs='+', metavar='WALK')
    options = parser.parse_args()
    with Server(options.address) as server:
        for i, name in enumerate(options.walks):
            agent = Agent.load(name, community=options.community, fault=options.fault, loss=options.loss,
                               writable='all' if options.writable else set())
            port = server.add(agent, port=options.port + i if options.port else 0)
            print(f'{options.address}:{port} {name}', flush=True)
        threading.Event().wait()


if __name__ == '__main__':
    try:
        main()
    except KeyboardInterrupt:
        pass
