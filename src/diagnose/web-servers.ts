/** Units that web servers usually run by, the lab's own first. */
export const webServers = ['nginx', 'httpd', 'apache2', 'lighttpd', 'caddy'] as const;

/** The unit of what brings up web servers in containers. */
export const CONTAINERS = 'docker';
