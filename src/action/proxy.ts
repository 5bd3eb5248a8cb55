import type { ProxyVariables } from '../cluster/api/kubeconfig.ts';
import { type Lookup, variableOf } from '../inputs/lookup.ts';

/** The proxy variables; of each the lower-case one counts first, as for curl. */
export function proxyOf(lookup: Lookup): ProxyVariables {
  const variable = (name: string) => variableOf(lookup, name.toLowerCase()) ?? variableOf(lookup, name);
  const [httpsProxy, httpProxy, noProxy] = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'].map(variable);
  return {
    ...(httpsProxy === undefined ? {} : { httpsProxy }),
    ...(httpProxy === undefined ? {} : { httpProxy }),
    ...(noProxy === undefined ? {} : { noProxy }),
  };
}
