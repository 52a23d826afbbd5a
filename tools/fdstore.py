# SPDX-License-Identifier: LGPL-2.1-or-later
"""The file descriptor store of one service, with the rules of systemd's."""

import os
import select


class FdStore:
    """File descriptors by name; several may share one. Each open file is held once, until it hangs up."""

    def __init__(self):
        self._files = {}  # (device, inode) -> (name, fd): what makes an open socket or memfd unique
        self._names = {}  # name -> {key: None}, an ordered set
        self._polled = {}  # fd -> key
        self._epoll = select.epoll()

    def __len__(self):
        return len(self._files)

    def items(self):
        """[(name, fd)] in the order of arrival."""
        return list(self._files.values())

    def fileno(self):
        """Readable when reap() has something to do."""
        return self._epoll.fileno()

    def add(self, name, fd, poll=True):
        """Takes fd over. One that is in the store already is closed."""
        status = os.fstat(fd)
        key = (status.st_dev, status.st_ino)
        if key in self._files:
            os.close(fd)
            return
        self._files[key] = (name, fd)
        self._names.setdefault(name, {})[key] = None
        if poll:
            try:
                self._epoll.register(fd, 0)  # no event asked for: hang-up and error come nonetheless
                self._polled[fd] = key
            except PermissionError:
                pass  # a memfd cannot be polled and stays

    def remove(self, name):
        for key in list(self._names.get(name, ())):
            self._drop(key)

    def reap(self):
        for fd, _ in self._epoll.poll(0):
            if fd in self._polled:
                self._drop(self._polled[fd])

    def clear(self):
        for key in list(self._files):
            self._drop(key)

    def close(self):
        self.clear()
        self._epoll.close()

    def _drop(self, key):
        name, fd = self._files.pop(key)
        del self._names[name][key]
        if not self._names[name]:
            del self._names[name]
        if self._polled.pop(fd, None):
            self._epoll.unregister(fd)
        os.close(fd)
