import type { InputSource } from '../../src/inputs/input-source.ts';

type Texts = Readonly<Record<string, string>>;

/** A lookup of what a test gives: inputs and environment variables by name. */
export function given({ inputs = {}, variables = {} }: { inputs?: Texts; variables?: Texts }): InputSource {
  return { input: (name) => inputs[name] ?? '', variable: (name) => variables[name], environment: () => variables };
}

/** Inputs of a run with all that is required. */
export const REQUIRED: Texts = {
  'mysql-host': 'mysql.example.org',
  'mysql-admin-user': 'root',
  'mysql-admin-password': 'mysql-admin-secret',
  'mongodb-host': 'mongodb.example.org',
  'mongodb-admin-user': 'admin',
  'mongodb-admin-password': 'mongodb-admin-secret',
  'storage-type': 's3',
  'storage-region': 'us-east-1',
  'storage-access-key-id': 'AKIAEXAMPLEKEY',
  'storage-secret-access-key': 'storage-secret-key',
};

/** The message of what `work` throws. */
export function messageThrownBy(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'nothing was thrown';
}
