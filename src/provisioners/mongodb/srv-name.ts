import { lookup, resolveSrv } from 'node:dns/promises';
import { ProvisionerError } from '../provisioner-error.ts';

interface Resolver {
  lookup(name: string): Promise<unknown>;
  resolveSrv(name: string): Promise<unknown>;
}

/**
 * Refuses a name that has SRV records of MongoDB and no address: neither the driver nor Tutor can use it without
 * `mongodb+srv://` (https://www.mongodb.com/docs/manual/reference/connection-string/#srv-connection-format). Any other name
 * is left to the login.
 *
 * @throws ProvisionerError `mongodb-srv-name`
 */
export async function refuseSrvName(host: string, resolver: Resolver = { lookup, resolveSrv }): Promise<void> {
  const succeeds = async (answer: Promise<unknown>) =>
    await answer.then(
      () => true,
      () => false,
    );
  if (await succeeds(resolver.lookup(host))) return;
  if (!(await succeeds(resolver.resolveSrv(`_mongodb._tcp.${host}`)))) return;
  throw new ProvisionerError('mongodb-srv-name', `MongoDB at ${host}: the name has no address, only SRV records.`, {
    host,
    hint: `Set input mongodb-host, and MONGODB_HOST in config.yml, to mongodb+srv://${host}`,
    cause: undefined,
  });
}
