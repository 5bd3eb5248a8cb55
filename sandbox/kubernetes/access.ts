import { randomUUID } from 'node:crypto';
import { isObject, type JsonObject, listAt, objectAt, textAt } from './json.ts';
import { groupOf, KINDS, kindNamed } from './kinds.ts';
import { StatusError } from './status.ts';
import type { Store } from './store.ts';

/** What a user wants to do, as in an access review. */
export interface Attributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

export type User =
  | { readonly kind: 'admin' }
  | { readonly kind: 'account'; readonly namespace: string; readonly name: string };

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];

/** Who asks, and what they may: the operator everything that is not denied, service accounts what RBAC grants them. */
export class Access {
  readonly adminToken = randomUUID();
  readonly #tokens = new Map<string, User>([[this.adminToken, { kind: 'admin' }]]);
  readonly #store: Store;
  #denied: (attributes: Attributes) => boolean = () => false;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Takes permissions away from the operator; all others stay. */
  deny(denied: (attributes: Attributes) => boolean): void {
    this.#denied = denied;
  }

  /** A token by which a pod speaks as its service account. */
  tokenFor(namespace: string, name: string): string {
    const token = randomUUID();
    this.#tokens.set(token, { kind: 'account', namespace, name });
    return token;
  }

  /** @throws StatusError 401 */
  authenticate(header: string | undefined): User {
    const user = this.#tokens.get(header?.replace(/^Bearer /, '') ?? '');
    if (user === undefined) throw new StatusError(401, 'Unauthorized', 'Unauthorized');
    return user;
  }

  /** @throws StatusError 403 in the API server's words */
  authorize(user: User, attributes: Attributes): void {
    if (this.allows(user, attributes)) return;
    const { verb, group, resource, subresource, namespace } = attributes;
    const who = user.kind === 'admin' ? 'sandbox-operator' : `system:serviceaccount:${user.namespace}:${user.name}`;
    const what = subresource === '' ? resource : `${resource}/${subresource}`;
    const scope = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
    throw new StatusError(
      403,
      'Forbidden',
      `${resource}${group === '' ? '' : `.${group}`} is forbidden: User "${who}" cannot ${verb} resource "${what}" in API group "${group}" ${scope}`,
    );
  }

  allows(user: User, attributes: Attributes): boolean {
    if (user.kind === 'admin') return !this.#denied(attributes);
    return this.#rules(user).some((rule) => matches(rule, attributes)) && attributes.namespace === user.namespace;
  }

  /** What the operator may do in all namespaces; of a service account nothing, as its Roles are of one. */
  rulesEverywhere(user: User): JsonObject[] {
    if (user.kind !== 'admin') return [];
    return KINDS.flatMap(({ apiVersion, plural }) =>
      ['', ...(plural === 'pods' ? ['log'] : [])].map((subresource) => {
        const group = groupOf(apiVersion);
        const asked = { group, resource: plural, subresource, namespace: '', name: '' };
        const verbs = VERBS.filter((verb) => this.allows(user, { ...asked, verb }));
        return { verbs, apiGroups: [group], resources: [subresource === '' ? plural : `${plural}/${subresource}`] };
      }),
    );
  }

  #rules({ namespace, name }: Extract<User, { kind: 'account' }>): readonly JsonObject[] {
    const [roles, bindings] = [kindNamed('Role'), kindNamed('RoleBinding')];
    const bound = this.#store
      .list(bindings, namespace)
      .filter((binding) =>
        listAt(binding, 'subjects').some((subject) => isObject(subject) && textAt(subject, 'name') === name),
      )
      .map((binding) => textAt(objectAt(binding, 'roleRef'), 'name'));
    return this.#store
      .list(roles, namespace)
      .filter((role) => bound.includes(role.metadata.name))
      .flatMap((role) => listAt(role, 'rules').filter(isObject));
  }
}

function matches(rule: JsonObject, { verb, group, resource, subresource, name }: Attributes): boolean {
  const what = subresource === '' ? resource : `${resource}/${subresource}`;
  const has = (field: string, value: string) => listAt(rule, field).some((item) => item === value || item === '*');
  const names = listAt(rule, 'resourceNames');
  return (
    has('apiGroups', group) &&
    has('resources', what) &&
    has('verbs', verb) &&
    (names.length === 0 || names.includes(name))
  );
}
