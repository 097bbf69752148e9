/** Which role, and where: the two choices of most rights. */
import { type Project, type RightInput, ROLES, type Role } from '@yardarm/contract';
import { Select } from './ui/select.tsx';

const EVERYWHERE = '';

export interface RightChoice {
  readonly role: Role;
  /** Empty: the whole instance. */
  readonly project: string;
}

export function toRight({ role, project }: RightChoice): RightInput {
  return project === EVERYWHERE ? { role } : { role, project };
}

export interface RightFieldsProps {
  readonly value: RightChoice;
  readonly projects: readonly Project[];
  /** Whether the whole instance may be chosen. */
  readonly everywhere: boolean;
  /** False: only the place is to be chosen. */
  readonly withRole?: boolean;
  readonly onChange: (value: RightChoice) => void;
}

export function RightFields({ value, projects, everywhere, withRole = true, onChange }: RightFieldsProps) {
  const places = [
    ...(everywhere ? [{ value: EVERYWHERE, label: 'in the whole instance' }] : []),
    ...projects.map(({ key, name }) => ({ value: key, label: `in ${name}` })),
  ];
  const roles = ROLES.map((role) => ({ value: role, label: `${role[0]?.toUpperCase()}${role.slice(1)}` }));
  return (
    <fieldset>
      <legend className="mb-1 font-medium text-sm">{withRole ? 'May work as' : 'May kill'}</legend>
      <div className="flex flex-wrap gap-2">
        {withRole && (
          <Select
            label="Role"
            value={value.role}
            options={roles}
            onChange={(role) => onChange({ ...value, role })}
            className="min-w-36 flex-1"
          />
        )}
        <Select
          label="Place"
          value={value.project}
          options={places}
          onChange={(project) => onChange({ ...value, project })}
          className="min-w-44 flex-1"
        />
      </div>
    </fieldset>
  );
}
