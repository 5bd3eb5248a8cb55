import type { ClusterAccess, ProxyVariables } from '../cluster/api/kubeconfig.ts';
import { ARGOCD_NAMESPACE } from '../cluster/objects/names.ts';
import { missing, readValue } from './input.ts';
import { type InputSource, inputOf, variableOf } from './input-source.ts';
import { INPUTS } from './inputs.ts';
import { SettingsInvalid } from './problems.ts';

/**
 * How to reach the cluster: by input `kubeconfig`, else by the variable KUBECONFIG, else from a pod of the cluster.
 *
 * @throws SettingsInvalid without any of them
 */
export function clusterAccess(inputSource: InputSource): ClusterAccess {
  const proxy = proxyOf(inputSource);
  const argocdNamespace = readValue(INPUTS.argocdNamespace, inputSource) ?? ARGOCD_NAMESPACE;
  return {
    source: sourceOf(inputSource),
    ...(argocdNamespace === ARGOCD_NAMESPACE ? {} : { argocdNamespace }),
    ...(Object.keys(proxy).length > 0 ? { proxy } : {}),
  };
}

function sourceOf(inputSource: InputSource): ClusterAccess['source'] {
  const text = inputOf(inputSource, INPUTS.kubeconfig.input);
  if (text !== undefined) return { kind: 'content', text };
  const path = variableOf(inputSource, 'KUBECONFIG');
  if (path !== undefined) return { kind: 'file', path };
  if (variableOf(inputSource, 'KUBERNETES_SERVICE_HOST') !== undefined) return { kind: 'in-cluster' };
  throw new SettingsInvalid([missing(INPUTS.kubeconfig)]);
}

/** The proxy variables; the lower-case form comes first, as for curl. */
function proxyOf(inputSource: InputSource): ProxyVariables {
  const variable = (name: string) => variableOf(inputSource, name.toLowerCase()) ?? variableOf(inputSource, name);
  const [httpsProxy, httpProxy, noProxy] = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'].map(variable);
  return {
    ...(httpsProxy === undefined ? {} : { httpsProxy }),
    ...(httpProxy === undefined ? {} : { httpProxy }),
    ...(noProxy === undefined ? {} : { noProxy }),
  };
}

/** The environment for git: that of the action without its inputs and settings, which hold secrets. */
export function gitEnvironment(inputSource: InputSource): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputSource.environment()).flatMap(([name, value]) =>
      value === undefined || /^(INPUT|LAUNCHPAD)_/i.test(name) ? [] : [[name, value]],
    ),
  );
}
