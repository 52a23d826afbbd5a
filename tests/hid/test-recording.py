#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""recording.py: folders and recordings, there and back. Arguments: directories of folders, if any."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import recording  # noqa: E402

FOLDERS = [folder for directory in sys.argv[1:] for folder in sorted(Path(directory).iterdir())
           if folder.is_dir()]

# Report 1 is Input and Feature, 2 is Feature only.
DESCRIPTOR = bytes.fromhex('0584 0904 a101 8501 7508 9501 0930 8102 0930 b102 8502 0958 b102 c0')

EXPECTED = '''\
busbar-recording 1 hid
vendor-id 0463
product-id ffff
product "ellipse max"
descriptor 05 84 09 04 a1 01 85 01 75 08 95 01 09 30 81 02 09 30 b1 02 85 02 09 58
descriptor b1 02 c0
get feature 01 -> 01 e6
get feature 02 -> stall
+1.000 input 01 e5
+2.000 get feature 02 -> 02 01
'''


class Recording(unittest.TestCase):
    maxDiff = None

    def make_folder(self, name):
        directory = tempfile.TemporaryDirectory(prefix='busbar-recording-')
        self.addCleanup(directory.cleanup)
        folder = Path(directory.name) / name
        folder.mkdir()
        (folder / 'report_descriptor.bin').write_bytes(DESCRIPTOR)
        (folder / 'feature_reports.hex').write_text('# replies\n01 e6\n')
        (folder / 'missing_feature_ids.txt').write_text('02\n')
        (folder / 'sequence.hex').write_text('# later\n01 e5\n02 01\n')
        return folder

    def test_folder(self):
        folder = self.make_folder('0463-ffff-ellipse-max')
        done = subprocess.run([sys.executable, HERE / 'recording.py', folder], check=True, text=True,
                              stdout=subprocess.PIPE, timeout=60)
        self.assertEqual(done.stdout, EXPECTED)

    def test_bad_name(self):
        with self.assertRaisesRegex(ValueError, 'vendor and product id'):
            recording.load(self.make_folder('ellipse'))

    def test_there_and_back(self):
        device = recording.Device(1, 2, 'A "B"\\\n', b'\x05\x84', {1: b'\x01\x02', 2: 'stall'}, [],
                                  {3: 'Li-ion'}, 'Maker', 'S1')
        with tempfile.NamedTemporaryFile('w', prefix='busbar-recording-', encoding='utf-8') as file:
            file.write(device.text())
            file.flush()
            self.assertEqual(recording.load(file.name), device)

    def test_real(self):
        for folder in FOLDERS:
            with self.subTest(folder.name):
                device = recording.load(folder)
                self.assertTrue(device.descriptor)
                self.assertIn(f'{recording.MAGIC}\n', recording.folder_to_recording(folder))


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
