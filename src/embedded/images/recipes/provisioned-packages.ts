/**
 * The Debian packages that lvslab installs on a host: the compiler and the libraries of nginx, ipvsadm, what `trace`
 * listens with, and what `break` makes a firewall with. Every image has them at hand, for there is no internet in the lab, but not installed.
 */
export const provisionedPackages: readonly string[] = [
  ...['gcc', 'make', 'libc6-dev', 'libpcre3-dev', 'zlib1g-dev', 'libssl-dev'],
  ...['ipvsadm', 'tcpdump', 'nftables'],
];

/** The same where PCRE2 is the only PCRE: from Debian 13 on. */
export const provisionedWithPcre2: readonly string[] = provisionedPackages.map((name) =>
  name === 'libpcre3-dev' ? 'libpcre2-dev' : name,
);
