/**
 * Names of the core, which writes snake case, as they are spelt here.
 */

/** `user_id` as `userId`. */
export function camelCase(name: string): string {
  return name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}
