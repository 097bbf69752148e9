// @ts-check
/** A project with as many flags as one may have reason to fear, for whoever measures reading them. */
import { TOKEN } from '../crash/server.mjs';

export const FLAGS = 5_000;

/**
 * Project and environments through the API, the flags by statements: what is measured is reading them.
 * @param {string} url
 * @param {import('postgres').Sql} sql
 */
export async function seedFlags(url, sql) {
  const post = async (/** @type {string} */ path, /** @type {object} */ body) => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
    const response = await fetch(`${url}/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
  };
  await post('/projects', { key: 'bench', name: 'Bench' });
  for (const key of ['development', 'staging', 'production']) await post('/projects/bench/environments', { key, name: key });
  await sql`
    insert into flags (project_id, key, kind, type, variants, description, owner, expires_on, tags, links, salt, created_at)
    select p.id, 'flag-' || lpad(n::text, 5, '0') || (array['-checkout', '-banner', '-search', '-limit'])[n % 4 + 1],
      (array['release', 'experiment', 'operational', 'permission'])[n % 4 + 1], 'boolean', '{"on": true, "off": false}',
      'What this flag decides, in a sentence or two as people write them: the page that it is on, why it was made and what to do when it misbehaves.',
      'team-' || n % 40, case when n % 2 = 0 then current_date + n % 365 - 30 end,
      jsonb_build_array('team-' || n % 7, 'area-' || n % 11),
      '[{"title": "Ticket", "url": "https://tickets.example.com/1"}]', md5(n::text), now() - n * interval '1 minute'
    from projects p, generate_series(1, ${FLAGS}) n where p.key = 'bench'`;
  await sql`
    insert into flag_environments (flag_id, environment_id, "on", off_variant, rules, fallthrough)
    select f.id, e.id, hashtext(f.key || e.key) % 2 = 0, 'off',
      '[{"id": "beta", "when": {"all": [{"op": "ends_with", "values": ["@example.com"], "attribute": "email"}, {"op": "semver_gte", "values": ["2.1.0"], "attribute": "app.version"}]}, "serve": {"variant": "on"}}]',
      '{"split": {"by": "targetingKey", "hash": 2, "weights": [["on", 25000], ["off", 75000]]}}'
    from flags f join environments e on e.project_id = f.project_id`;
  await sql`analyze`;
}
