/** The errors of the provisioners as they write them, by examples: for docs/troubleshooting.md. */
import { connectionError } from '../src/provisioners/connection-errors.ts';
import { adminDenied, refuseSystemNames, shortPassword } from '../src/provisioners/guards.ts';
import { mysqlError } from '../src/provisioners/mysql/errors.ts';
import { ProvisionerError } from '../src/provisioners/provisioner-error.ts';

const HOST = 'db.example.org:3306';

/** One number of the server for each cause that src/provisioners/mysql/errors.ts knows, and one that it does not. */
const ERRNOS = [1836, 1205, 1226, 1698, 1820, 3118, 3159, 1524, 1819, 1044, 1064];

/** One code of Node for each cause that src/provisioners/connection-errors.ts knows. */
const CODES = [
  'ENOTFOUND',
  'ECONNREFUSED',
  'ETIMEDOUT',
  'NO_ANSWER',
  'CERT_HAS_EXPIRED',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ECONNRESET',
];

/** Each error once: code, message, and what to do. MySQL stands for all services in those of the connection. */
export function provisionerErrors(): readonly ProvisionerError[] {
  const target = { service: 'MySQL', host: HOST, databases: ['mysql'], user: 'root', admin: 'root' } as const;
  const hint = 'Check inputs mysql-admin-user and mysql-admin-password.';
  const errors = [
    ...CODES.map((code) => connectionError(errorWith({ code }, 'no answer within 10 s'), 'MySQL', HOST)),
    ...ERRNOS.map((errno) => mysqlError(errorWith({ errno }, '…'), HOST, 'the statement')),
    adminDenied('MySQL', { host: HOST, user: 'admin', hint, cause: undefined }),
    shortPassword('MySQL', { user: 'school', exists: false, host: HOST }),
    thrownBy(() => refuseSystemNames(target)),
  ];
  return errors.filter((error) => error instanceof ProvisionerError);
}

function errorWith(fields: object, message: string): Error {
  return Object.assign(new Error(message), fields);
}

function thrownBy(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}
