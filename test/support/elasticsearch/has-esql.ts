import { es } from './request.ts';

/** Whether a server answers ES|QL: every real cluster does; the 9.x test distribution comes without it, since its parts are not published. */
export async function hasEsql(url: string): Promise<boolean> {
  try {
    await es(url).json('POST', '/_query', { query: 'ROW answer = 1' });
    return true;
  } catch (error) {
    if (error instanceof Error && /answered 40[05]/.test(error.message)) return false;
    throw error;
  }
}
