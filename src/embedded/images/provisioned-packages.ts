/**
 * The Debian packages that provisioning installs on a host: the compiler and the libraries of nginx, and ipvsadm. Every
 * image has them at hand, for there is no internet in the lab, but not installed.
 */
export const provisionedPackages: readonly string[] = [
  ...['gcc', 'make', 'libc6-dev', 'libpcre3-dev', 'zlib1g-dev', 'libssl-dev'],
  'ipvsadm',
];
