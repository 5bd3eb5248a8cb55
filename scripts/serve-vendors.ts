/**
 * Stands in for the APIs of DigitalOcean and Atlas in front of the servers of the LAUNCHPAD_* variables, where pods reach
 * them as they reach those servers: `npm run vendors`. Prints the settings that choose each, then serves until it is
 * stopped. For runs by hand, with a cluster of one's own.
 */
import { once } from 'node:events';
import { serversOf } from '../sandbox/vendors/servers.ts';
import { startVendors } from '../sandbox/vendors/vendors.ts';

const vendors = await startVendors(serversOf(process.env));
for (const [name, settings] of Object.entries(vendors.settings)) {
  const lines = Object.entries(settings).map(([key, value]) => `export ${key}='${value}'\n`);
  process.stdout.write(`# ${name}\n${lines.join('')}`);
}
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
await vendors.stop();
