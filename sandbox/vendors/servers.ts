import type { VendorOptions } from './vendors.ts';

/**
 * The servers that settings name by environment variable, to start the vendors' stand-ins before them. These listen where
 * MySQL does: on an address of this machine that the pods reach.
 */
export function serversOf(settings: Readonly<Record<string, string | undefined>>): VendorOptions {
  const setting = (name: string) => {
    const value = settings[name];
    if (value === undefined || value === '') throw new Error(`The variable ${name} is not set.`);
    return value;
  };
  const server = (name: 'MYSQL' | 'MONGODB') => ({
    host: setting(`LAUNCHPAD_${name}_HOST`),
    port: Number(setting(`LAUNCHPAD_${name}_PORT`)),
    adminUser: setting(`LAUNCHPAD_${name}_ADMIN_USER`),
    adminPassword: setting(`LAUNCHPAD_${name}_ADMIN_PASSWORD`),
  });
  return { host: setting('LAUNCHPAD_MYSQL_HOST'), mysql: server('MYSQL'), mongodb: server('MONGODB') };
}
