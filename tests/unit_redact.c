/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * --redact: what is hidden, and what must stay for a line to prove anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "formats/redact.h"

static void becomes(const char *line, const char *wanted)
{
	char bytes[300];
	size_t length = strlen(line);

	memcpy(bytes, line, length + 1);
	redact(bytes, length);
	assert_string_equal(bytes, wanted);
}

static void stays(const char *line)
{
	becomes(line, line);
}

static void addresses_of_networks_are_hidden(void **state)
{
	(void)state;
	becomes("IP-Config: 192.168.17.4, via 10.0.0.1.", "IP-Config: xxx.xxx.xx.x, via xx.x.x.x.");
	becomes("eth0: 00:16:3e:7F:aa:0b up", "eth0: xx:xx:xx:xx:xx:xx up");
	becomes("mac 00-16-3e-7f-aa-0b", "mac xx-xx-xx-xx-xx-xx");
	becomes("port 0016.3e7f.aa0b up", "port xxxx.xxxx.xxxx up");
	stays("0016.3e7f.aa0b.1234 0016.3e7f.aa0bcd 2016.1234.567");
	becomes("to 2001:db8::1:17, fe80::1%eth0 ::1", "to xxxx:xxx::x:xx, xxxx::x%eth0 ::x");
	becomes("2001:0db8:0:0:0:0:dead:beef:", "xxxx:xxxx:x:x:x:x:xxxx:xxxx:");
	becomes("netconsole=6665@10.0.0.2/eth0,@10.0.0.1/00:16:3e:7f:aa:0b",
		"netconsole=xxxx@xx.x.x.x/eth0,@xx.x.x.x/xx:xx:xx:xx:xx:xx");
}

static void names_of_machines_are_hidden(void **state)
{
	(void)state;
	becomes("Mar  3 10:11:12 lab-17.example.org kernel: e820", "Mar  3 10:11:12 xxx-xx.xxxxxxx.xxx kernel: e820");
	becomes("2026-03-03T10:11:12.5+01:00 lab17 kernel: x", "2026-03-03T10:11:12.5+01:00 xxxxx kernel: x");
	becomes("Linux version 6.1.0 (root@builder-9) (gcc", "Linux version 6.1.0 (xxxx@xxxxxxx-x) (gcc");
	becomes("systemd[1]: Set hostname to <lab17>.", "systemd[1]: Set hostname to <xxxxx>.");
	becomes("ip=10.0.0.2::10.0.0.1:255.255.255.0:lab17:eth0:off",
		"ip=xx.x.x.x::xx.x.x.x:xxx.xxx.xxx.x:xxxxx:eth0:off");
	becomes("nfsroot=filer:/export/lab", "nfsroot=xxxxx:/export/lab");
}

static void secrets_are_hidden(void **state)
{
	(void)state;
	becomes("Command line: ro password=hun$ter-2! quiet", "Command line: ro password=xxxxxxxxxx quiet");
	becomes("PASSWD=a;b luks.key=/dev/sdb:k.bin token=", "PASSWD=xxx luks.key=xxxxxxxxxxxxxx token=");
	becomes("api_secret=\"two words\" ro 'psk=a b'", "api_secret=\"xxxxxxxxx\" ro 'psk=x b'");
	becomes("\"console=hvc0 secret=s3\" next", "\"console=hvc0 secret=xx\" next");
	becomes("url=ftp://bob:p/x@h/y a", "url=ftp://xxxxxxx@x/y a");
	stays("url=http:// //@ ///");
	becomes("url=ftp://bob:p,w!d@lab17.org/x a", "url=ftp://xxxxxxxxx@xxxxx.xxx/x a");
	becomes("inst.repo=bob:pw@lab17:/x", "inst.repo=xxx:xx@xxxxx:/x");
	stays("token= key= password=");
}

static void people_and_devices_are_hidden(void **state)
{
	(void)state;
	becomes("initrd=/home/alice/initrd.img", "initrd=/home/xxxxx/initrd.img");
	becomes("C:\\Users\\bob\\x", "C:\\Users\\xxx\\x");
	becomes("usb 1-1: SerialNumber: 4C530001-17", "usb 1-1: SerialNumber: xxxxxxxx-xx");
	becomes("Serial Number = \"ABC 1", "Serial Number = \"xxx 1");
	becomes("WDC WD10 SN: WD-WCAV1, S/N ABC-1", "WDC WD10 SN: xx-xxxxx, S/N xxx-x");
	becomes("root=UUID=4c4c4544-0038-4b10-8039-b7c04f4c325a ro", "root=UUID=xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx ro");
}

static void evidence_stays(void **state)
{
	(void)state;
	stays("[    0.000000] BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable");
	stays("(XEN) mm.c:2466:d0 Bad type (saw 7400000000000001 != exp 1000000000000000) for mfn b1d89");
	stays("kernel direct mapping tables up to bb000000 @ ba6e2000-bb000000");
	stays("Linux version 2.6.32.12 #1");
	stays("Pid: 0, comm: swapper Not tainted 2.6.39.4 #1");
	stays("2.6.32.12-0.7-xen");
	stays("pci 0000:00:1f.2: reg 10: [io 0x1f0-0x1f7]");
	stays("10:11:12 up 3 days");
	stays("RIP: e033:[<ffffffff810070f1>]  [<ffffffff810070f1>] xen_set_pte+0x1/0x2");
	stays("Code: 00 11 22 33 44 55 <f3> ab");
	stays("xen: setting RW the range 7f74000 - 8000000");
}

static void bytes_without_an_end_are_safe(void **state)
{
	static const char *const ends[] = {
		"", "1", "1.2.3.", "00:11:22:33:44:", "::", "a@", "@a", "/home/", "Mar  3 10:11:1",
		"2026-03-03T10:11:12", "ip=", "serial number", "serial number:", "\n\n", "::1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		char bytes[40];
		size_t length = strlen(ends[i]);

		memset(bytes, '7', sizeof(bytes));
		memcpy(bytes, ends[i], length);
		redact(bytes, length);
		assert_int_equal(bytes[length], '7');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_of_networks_are_hidden),
		cmocka_unit_test(names_of_machines_are_hidden),
		cmocka_unit_test(secrets_are_hidden),
		cmocka_unit_test(people_and_devices_are_hidden),
		cmocka_unit_test(evidence_stays),
		cmocka_unit_test(bytes_without_an_end_are_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
