import { type Fields, fieldsOf, textIn, textsIn } from '../../core/fields.ts';

/** What a user of a managed MongoDB cluster may do: one role for all of the databases. */
export interface MongoUserSettings {
  /** `admin` stands for all databases. */
  readonly databases: readonly string[];
  readonly role: 'readOnly' | 'readWrite' | 'dbAdmin';
}

/** The settings in a user of the API; undefined where it does not tell them. */
export function settingsOf(user: Fields): MongoUserSettings | undefined {
  const settings = fieldsOf(fieldsOf(user.settings).mongo_user_settings);
  const role = textIn(settings, 'role');
  if (role !== 'readOnly' && role !== 'readWrite' && role !== 'dbAdmin') return undefined;
  return { databases: textsIn(settings, 'databases'), role };
}

/** Whether the user may read and write in these databases. */
export function suffices({ databases, role }: MongoUserSettings, needed: readonly string[]): boolean {
  const has = (database: string) => databases.includes(database) || databases.includes('admin');
  return role === 'readWrite' && needed.every(has);
}

/** The settings with what is missing added, and nothing taken away. */
export function extended(settings: MongoUserSettings | undefined, needed: readonly string[]): MongoUserSettings {
  return { databases: [...new Set([...(settings?.databases ?? []), ...needed])], role: 'readWrite' };
}
