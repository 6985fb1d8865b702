"""The main road: every table of the first version."""

import sqlalchemy as sa
from alembic import op

from wishapp.store.append_only import trigger_statements

revision = "0001"
down_revision = None
APPEND_ONLY = ('audit_entries', 'audit_seals', 'points_entries', 'points_transfers', 'restricted_reads')


def upgrade() -> None:
    op.create_table('audit_entries',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('actor_id', sa.Integer(), nullable=True),
        sa.Column('kind', sa.String(length=40), nullable=False),
        sa.Column('thing_id', sa.Integer(), nullable=False),
        sa.Column('action', sa.String(length=40), nullable=False),
        sa.Column('from_state', sa.String(length=20), nullable=True),
        sa.Column('to_state', sa.String(length=20), nullable=True),
        sa.Column('place_path', sa.String(length=120), nullable=True),
        sa.Column('note', sa.Text(), nullable=True),
        sa.Column('data', sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entries'))
    )
    op.create_index(op.f('ix_audit_entries_actor_id'), 'audit_entries', ['actor_id'], unique=False)
    op.create_index(op.f('ix_audit_entries_place_path'), 'audit_entries', ['place_path'], unique=False)
    op.create_index('ix_audit_entries_thing', 'audit_entries', ['kind', 'thing_id', 'id'], unique=False)
    op.create_table('jobs',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=40), nullable=False),
        sa.Column('args', sa.JSON(), nullable=False),
        sa.Column('status', sa.String(length=10), nullable=False),
        sa.Column('progress', sa.Float(), nullable=False),
        sa.Column('phase', sa.String(length=30), nullable=False),
        sa.Column('detail', sa.JSON(), nullable=False),
        sa.Column('result', sa.JSON(), nullable=False),
        sa.Column('error', sa.String(length=300), nullable=False),
        sa.Column('attempt', sa.Integer(), nullable=False),
        sa.Column('is_cancel_asked', sa.Boolean(), nullable=False),
        sa.Column('started_by_id', sa.Integer(), nullable=True),
        sa.Column('place_path', sa.String(length=120), nullable=True),
        sa.Column('once', sa.String(length=80), nullable=True),
        sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('waiting','running','done','failed','cancelled')", name=op.f('ck_jobs_status_known')),
        sa.CheckConstraint('attempt >= 0', name=op.f('ck_jobs_attempt_not_negative')),
        sa.CheckConstraint('progress BETWEEN 0 AND 1', name=op.f('ck_jobs_progress_in_range')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_jobs')),
        sa.UniqueConstraint('once', name=op.f('uq_jobs_once'))
    )
    op.create_index('ix_jobs_due', 'jobs', ['status', 'due_at'], unique=False)
    op.create_index(op.f('ix_jobs_place_path'), 'jobs', ['place_path'], unique=False)
    op.create_table('places',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('code', sa.String(length=15), nullable=False),
        sa.Column('name', sa.String(length=60), nullable=False),
        sa.Column('level', sa.String(length=12), nullable=False),
        sa.Column('parent_id', sa.Integer(), nullable=True),
        sa.Column('path', sa.String(length=120), nullable=False),
        sa.Column('latitude', sa.Float(), nullable=False),
        sa.Column('longitude', sa.Float(), nullable=False),
        sa.Column('phone', sa.String(length=20), nullable=False),
        sa.Column('is_two_level', sa.Boolean(), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.CheckConstraint("level IN ('city','district','street','community','grid')", name=op.f('ck_places_level_known')),
        sa.ForeignKeyConstraint(['parent_id'], ['places.id'], name=op.f('fk_places_parent_id_places')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_places')),
        sa.UniqueConstraint('code', name=op.f('uq_places_code')),
        sa.UniqueConstraint('path', name=op.f('uq_places_path'))
    )
    op.create_index(op.f('ix_places_parent_id'), 'places', ['parent_id'], unique=False)
    op.create_table('points_accounts',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('owner', sa.String(length=40), nullable=False),
        sa.Column('balance', sa.BigInteger(), nullable=False),
        sa.Column('seq', sa.Integer(), nullable=False),
        sa.Column('head', sa.String(length=64), nullable=False),
        sa.CheckConstraint("balance >= 0 OR owner LIKE 'bank:%'", name=op.f('ck_points_accounts_balance_not_negative')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_points_accounts')),
        sa.UniqueConstraint('owner', name=op.f('uq_points_accounts_owner'))
    )
    op.create_table('points_transfers',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('source', sa.String(length=60), nullable=False),
        sa.Column('reason', sa.String(length=40), nullable=False),
        sa.Column('amount', sa.BigInteger(), nullable=False),
        sa.Column('title', sa.String(length=120), nullable=False),
        sa.Column('note', sa.String(length=200), nullable=False),
        sa.Column('place_path', sa.String(length=120), nullable=True),
        sa.Column('by_id', sa.Integer(), nullable=True),
        sa.Column('reverses_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint('amount > 0', name=op.f('ck_points_transfers_amount_positive')),
        sa.ForeignKeyConstraint(['reverses_id'], ['points_transfers.id'], name=op.f('fk_points_transfers_reverses_id_points_transfers')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_points_transfers')),
        sa.UniqueConstraint('reverses_id', name=op.f('uq_points_transfers_reverses_id')),
        sa.UniqueConstraint('source', 'reason', name=op.f('uq_points_transfers_source_reason'))
    )
    op.create_index(op.f('ix_points_transfers_place_path'), 'points_transfers', ['place_path'], unique=False)
    op.create_table('request_keys',
        sa.Column('actor_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('key', sa.String(length=64), nullable=False),
        sa.Column('fingerprint', sa.String(length=64), nullable=False),
        sa.Column('location', sa.Text(), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('actor_id', 'key', name=op.f('pk_request_keys'))
    )
    op.create_table('unknown_names',
        sa.Column('digest', sa.String(length=64), nullable=False),
        sa.Column('failed_count', sa.Integer(), nullable=False),
        sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('digest', name=op.f('pk_unknown_names'))
    )
    op.create_index(op.f('ix_unknown_names_at'), 'unknown_names', ['at'], unique=False)
    op.create_table('wish_counters',
        sa.Column('district', sa.String(length=6), nullable=False),
        sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('last', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('district', 'year', name=op.f('pk_wish_counters'))
    )
    op.create_table('audit_seals',
        sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
        sa.Column('entry_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('digest', sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(['entry_id'], ['audit_entries.id'], name=op.f('fk_audit_seals_entry_id_audit_entries')),
        sa.PrimaryKeyConstraint('seq', name=op.f('pk_audit_seals')),
        sa.UniqueConstraint('entry_id', name=op.f('uq_audit_seals_entry_id'))
    )
    op.create_table('points_entries',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('transfer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('account_id', sa.Integer(), nullable=False),
        sa.Column('seq', sa.Integer(), nullable=False),
        sa.Column('amount', sa.BigInteger(), nullable=False),
        sa.Column('balance', sa.BigInteger(), nullable=False),
        sa.Column('digest', sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(['account_id'], ['points_accounts.id'], name=op.f('fk_points_entries_account_id_points_accounts')),
        sa.ForeignKeyConstraint(['transfer_id'], ['points_transfers.id'], name=op.f('fk_points_entries_transfer_id_points_transfers')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_points_entries')),
        sa.UniqueConstraint('account_id', 'seq', name=op.f('uq_points_entries_account_id_seq')),
        sa.UniqueConstraint('transfer_id', 'account_id', name=op.f('uq_points_entries_transfer_id_account_id'))
    )
    op.create_table('supporters',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=12), nullable=False),
        sa.Column('name', sa.String(length=80), nullable=False),
        sa.Column('place_id', sa.Integer(), nullable=False),
        sa.Column('place_path', sa.String(length=120), nullable=False),
        sa.Column('latitude', sa.Float(), nullable=False),
        sa.Column('longitude', sa.Float(), nullable=False),
        sa.Column('radius', sa.Integer(), nullable=False),
        sa.Column('size', sa.Integer(), nullable=False),
        sa.Column('monthly_minutes', sa.Integer(), nullable=False),
        sa.Column('unit_level', sa.String(length=12), nullable=True),
        sa.Column('unit_kind', sa.String(length=20), nullable=True),
        sa.Column('home_unit_id', sa.Integer(), nullable=True),
        sa.Column('search', sa.String(length=400), nullable=False),
        sa.Column('is_active', sa.Boolean(), nullable=False),
        sa.Column('paused_until', sa.Date(), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('unit','member','team','volunteer')", name=op.f('ck_supporters_kind_known')),
        sa.CheckConstraint('monthly_minutes BETWEEN 0 AND 44640', name=op.f('ck_supporters_monthly_minutes_in_range')),
        sa.CheckConstraint('radius >= 0', name=op.f('ck_supporters_radius_positive')),
        sa.CheckConstraint('size >= 1', name=op.f('ck_supporters_size_positive')),
        sa.ForeignKeyConstraint(['home_unit_id'], ['supporters.id'], name=op.f('fk_supporters_home_unit_id_supporters')),
        sa.ForeignKeyConstraint(['place_id'], ['places.id'], name=op.f('fk_supporters_place_id_places')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_supporters'))
    )
    op.create_index(op.f('ix_supporters_place_id'), 'supporters', ['place_id'], unique=False)
    op.create_index('ix_supporters_place_kind', 'supporters', ['place_path', 'kind'], unique=False)
    op.create_table('users',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('username', sa.String(length=40), nullable=False),
        sa.Column('display_name', sa.LargeBinary(), nullable=False),
        sa.Column('phone', sa.LargeBinary(), nullable=True),
        sa.Column('phone_index', sa.String(length=64), nullable=True),
        sa.Column('email', sa.LargeBinary(), nullable=True),
        sa.Column('password_hash', sa.String(length=200), nullable=True),
        sa.Column('totp_secret', sa.LargeBinary(), nullable=True),
        sa.Column('totp_last_step', sa.Integer(), nullable=True),
        sa.Column('session_version', sa.Integer(), nullable=False),
        sa.Column('is_enabled', sa.Boolean(), nullable=False),
        sa.Column('is_password_temporary', sa.Boolean(), nullable=False),
        sa.Column('consented_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('failed_count', sa.Integer(), nullable=False),
        sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True),
        sa.Column('prefers_lang', sa.String(length=8), nullable=True),
        sa.Column('prefers_elder', sa.String(length=1), nullable=True),
        sa.Column('prefers_theme', sa.String(length=8), nullable=True),
        sa.Column('community_id', sa.Integer(), nullable=True),
        sa.Column('grid_id', sa.Integer(), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['community_id'], ['places.id'], name=op.f('fk_users_community_id_places')),
        sa.ForeignKeyConstraint(['grid_id'], ['places.id'], name=op.f('fk_users_grid_id_places')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_users')),
        sa.UniqueConstraint('phone_index', name=op.f('uq_users_phone_index')),
        sa.UniqueConstraint('username', name=op.f('uq_users_username'))
    )
    op.create_index(op.f('ix_users_community_id'), 'users', ['community_id'], unique=False)
    op.create_table('abilities',
        sa.Column('supporter_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=8), nullable=False),
        sa.Column('word', sa.String(length=20), nullable=False),
        sa.CheckConstraint("kind IN ('help','skill')", name=op.f('ck_abilities_kind_known')),
        sa.ForeignKeyConstraint(['supporter_id'], ['supporters.id'], name=op.f('fk_abilities_supporter_id_supporters'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('supporter_id', 'kind', 'word', name=op.f('pk_abilities'))
    )
    op.create_table('capacities',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('supporter_id', sa.Integer(), nullable=False),
        sa.Column('period', sa.String(length=7), nullable=False),
        sa.Column('what', sa.String(length=16), nullable=False),
        sa.Column('quota', sa.Integer(), nullable=False),
        sa.Column('taken', sa.Integer(), nullable=False),
        sa.CheckConstraint('taken <= quota', name=op.f('ck_capacities_taken_within_quota')),
        sa.CheckConstraint('taken >= 0', name=op.f('ck_capacities_taken_not_negative')),
        sa.ForeignKeyConstraint(['supporter_id'], ['supporters.id'], name=op.f('fk_capacities_supporter_id_supporters'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_capacities')),
        sa.UniqueConstraint('supporter_id', 'period', 'what', name=op.f('uq_capacities_supporter_id_period_what'))
    )
    op.create_table('free_times',
        sa.Column('supporter_id', sa.Integer(), nullable=False),
        sa.Column('weekday', sa.Integer(), nullable=False),
        sa.Column('part', sa.String(length=10), nullable=False),
        sa.CheckConstraint("part IN ('morning','afternoon','evening')", name=op.f('ck_free_times_part_known')),
        sa.CheckConstraint('weekday BETWEEN 0 AND 6', name=op.f('ck_free_times_weekday_known')),
        sa.ForeignKeyConstraint(['supporter_id'], ['supporters.id'], name=op.f('fk_free_times_supporter_id_supporters'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('supporter_id', 'weekday', 'part', name=op.f('pk_free_times'))
    )
    op.create_table('notices',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('workflow', sa.String(length=20), nullable=False),
        sa.Column('action', sa.String(length=30), nullable=False),
        sa.Column('audience', sa.String(length=20), nullable=False),
        sa.Column('params', sa.JSON(), nullable=False),
        sa.Column('endpoint', sa.String(length=60), nullable=False),
        sa.Column('values', sa.JSON(), nullable=False),
        sa.Column('once', sa.String(length=80), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_notices_user_id_users'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_notices')),
        sa.UniqueConstraint('user_id', 'once', name=op.f('uq_notices_user_id_once'))
    )
    op.create_index('ix_notices_inbox', 'notices', ['user_id', 'read_at', 'id'], unique=False)
    op.create_table('pair_marks',
        sa.Column('demand_ref', sa.String(length=30), nullable=False),
        sa.Column('supporter_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=10), nullable=False),
        sa.Column('place_path', sa.String(length=120), nullable=False),
        sa.Column('why', sa.String(length=200), nullable=False),
        sa.Column('by_id', sa.Integer(), nullable=True),
        sa.Column('batch', sa.String(length=32), nullable=False),
        sa.Column('until', sa.DateTime(timezone=True), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('pin','forbid','declined','lapsed')", name=op.f('ck_pair_marks_kind_known')),
        sa.ForeignKeyConstraint(['by_id'], ['users.id'], name=op.f('fk_pair_marks_by_id_users')),
        sa.ForeignKeyConstraint(['supporter_id'], ['supporters.id'], name=op.f('fk_pair_marks_supporter_id_supporters'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('demand_ref', 'supporter_id', 'kind', name=op.f('pk_pair_marks'))
    )
    op.create_index(op.f('ix_pair_marks_place_path'), 'pair_marks', ['place_path'], unique=False)
    op.create_table('pairings',
        sa.Column('unit_id', sa.Integer(), nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['community_id'], ['places.id'], name=op.f('fk_pairings_community_id_places'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['unit_id'], ['supporters.id'], name=op.f('fk_pairings_unit_id_supporters'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('unit_id', 'community_id', name=op.f('pk_pairings'))
    )
    op.create_index(op.f('ix_pairings_community_id'), 'pairings', ['community_id'], unique=False)
    op.create_table('recovery_codes',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('digest', sa.String(length=64), nullable=False),
        sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_recovery_codes_user_id_users'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_codes')),
        sa.UniqueConstraint('digest', name=op.f('uq_recovery_codes_digest'))
    )
    op.create_index(op.f('ix_recovery_codes_user_id'), 'recovery_codes', ['user_id'], unique=False)
    op.create_table('role_grants',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('role', sa.String(length=20), nullable=False),
        sa.Column('place_id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['place_id'], ['places.id'], name=op.f('fk_role_grants_place_id_places')),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_role_grants_user_id_users'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_role_grants')),
        sa.UniqueConstraint('user_id', 'role', 'place_id', name=op.f('uq_role_grants_user_id_role_place_id'))
    )
    op.create_index(op.f('ix_role_grants_place_id'), 'role_grants', ['place_id'], unique=False)
    op.create_table('supporter_people',
        sa.Column('supporter_id', sa.Integer(), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('is_confirmed', sa.Boolean(), nullable=False),
        sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['supporter_id'], ['supporters.id'], name=op.f('fk_supporter_people_supporter_id_supporters'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_supporter_people_user_id_users'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('supporter_id', 'user_id', name=op.f('pk_supporter_people'))
    )
    op.create_index(op.f('ix_supporter_people_user_id'), 'supporter_people', ['user_id'], unique=False)
    op.create_table('weightings',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('place_id', sa.Integer(), nullable=False),
        sa.Column('percent', sa.JSON(), nullable=False),
        sa.Column('spread', sa.JSON(), nullable=False),
        sa.Column('note', sa.String(length=200), nullable=False),
        sa.Column('made_by_id', sa.Integer(), nullable=True),
        sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('adopted_by_id', sa.Integer(), nullable=True),
        sa.Column('adopted_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('job_id', sa.Integer(), nullable=True),
        sa.Column('preview', sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(['adopted_by_id'], ['users.id'], name=op.f('fk_weightings_adopted_by_id_users')),
        sa.ForeignKeyConstraint(['made_by_id'], ['users.id'], name=op.f('fk_weightings_made_by_id_users')),
        sa.ForeignKeyConstraint(['place_id'], ['places.id'], name=op.f('fk_weightings_place_id_places')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_weightings')),
        sa.UniqueConstraint('place_id', 'number', name=op.f('uq_weightings_place_id_number'))
    )
    op.create_index(op.f('ix_weightings_place_id'), 'weightings', ['place_id'], unique=False)
    op.create_table('wishes',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('number', sa.String(length=24), nullable=True),
        sa.Column('title', sa.String(length=60), nullable=False),
        sa.Column('story', sa.Text(), nullable=False),
        sa.Column('kind', sa.String(length=16), nullable=False),
        sa.Column('item', sa.String(length=40), nullable=False),
        sa.Column('quantity', sa.Integer(), nullable=False),
        sa.Column('cost', sa.Integer(), nullable=False),
        sa.Column('minutes', sa.Integer(), nullable=False),
        sa.Column('skill', sa.String(length=20), nullable=False),
        sa.Column('beneficiary_group', sa.String(length=20), nullable=False),
        sa.Column('urgency', sa.String(length=8), nullable=False),
        sa.Column('masked_name', sa.String(length=12), nullable=False),
        sa.Column('age_band', sa.String(length=12), nullable=False),
        sa.Column('beneficiary_name', sa.LargeBinary(), nullable=False),
        sa.Column('beneficiary_phone', sa.LargeBinary(), nullable=True),
        sa.Column('phone_index', sa.String(length=64), nullable=True),
        sa.Column('address', sa.LargeBinary(), nullable=True),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('grid_id', sa.Integer(), nullable=True),
        sa.Column('place_path', sa.String(length=120), nullable=False),
        sa.Column('posted_by_id', sa.Integer(), nullable=False),
        sa.Column('beneficiary_id', sa.Integer(), nullable=True),
        sa.Column('is_on_behalf', sa.Boolean(), nullable=False),
        sa.Column('consent_how', sa.String(length=20), nullable=False),
        sa.Column('consent_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('guardian_consent', sa.Boolean(), nullable=False),
        sa.Column('wanted_by', sa.Date(), nullable=True),
        sa.Column('seats', sa.Integer(), nullable=False),
        sa.Column('taken', sa.Integer(), nullable=False),
        sa.Column('missed_rounds', sa.Integer(), nullable=False),
        sa.Column('search', sa.Text(), nullable=False),
        sa.Column('merged_into_id', sa.Integer(), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('fulfilled_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('rating', sa.Integer(), nullable=True),
        sa.Column('review_words', sa.String(length=300), nullable=False),
        sa.Column('is_review_public', sa.Boolean(), nullable=False),
        sa.Column('thanks', sa.String(length=300), nullable=False),
        sa.Column('is_thanks_public', sa.Boolean(), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('state', sa.String(length=20), nullable=False),
        sa.CheckConstraint('cost BETWEEN 0 AND 1000000', name=op.f('ck_wishes_cost_in_range')),
        sa.CheckConstraint('quantity BETWEEN 1 AND 999', name=op.f('ck_wishes_quantity_in_range')),
        sa.CheckConstraint('rating IS NULL OR rating BETWEEN 1 AND 5', name=op.f('ck_wishes_rating_in_range')),
        sa.CheckConstraint('seats BETWEEN 1 AND 50', name=op.f('ck_wishes_seats_in_range')),
        sa.CheckConstraint('taken <= seats', name=op.f('ck_wishes_taken_within_seats')),
        sa.CheckConstraint('taken >= 0', name=op.f('ck_wishes_taken_not_negative')),
        sa.ForeignKeyConstraint(['beneficiary_id'], ['users.id'], name=op.f('fk_wishes_beneficiary_id_users')),
        sa.ForeignKeyConstraint(['community_id'], ['places.id'], name=op.f('fk_wishes_community_id_places')),
        sa.ForeignKeyConstraint(['grid_id'], ['places.id'], name=op.f('fk_wishes_grid_id_places')),
        sa.ForeignKeyConstraint(['merged_into_id'], ['wishes.id'], name=op.f('fk_wishes_merged_into_id_wishes')),
        sa.ForeignKeyConstraint(['posted_by_id'], ['users.id'], name=op.f('fk_wishes_posted_by_id_users')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_wishes')),
        sa.UniqueConstraint('number', name=op.f('uq_wishes_number'))
    )
    op.create_index(op.f('ix_wishes_beneficiary_id'), 'wishes', ['beneficiary_id'], unique=False)
    op.create_index(op.f('ix_wishes_kind'), 'wishes', ['kind'], unique=False)
    op.create_index(op.f('ix_wishes_phone_index'), 'wishes', ['phone_index'], unique=False)
    op.create_index('ix_wishes_place_state', 'wishes', ['place_path', 'state'], unique=False)
    op.create_index(op.f('ix_wishes_posted_by_id'), 'wishes', ['posted_by_id'], unique=False)
    op.create_index(op.f('ix_wishes_state'), 'wishes', ['state'], unique=False)
    op.create_index('ix_wishes_wall', 'wishes', ['state', 'published_at'], unique=False)
    op.create_table('claims',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('wish_id', sa.Integer(), nullable=False),
        sa.Column('supporter_id', sa.Integer(), nullable=False),
        sa.Column('turn', sa.Integer(), nullable=False),
        sa.Column('origin', sa.String(length=8), nullable=False),
        sa.Column('place_path', sa.String(length=120), nullable=False),
        sa.Column('capacity_period', sa.String(length=40), nullable=True),
        sa.Column('by_id', sa.Integer(), nullable=True),
        sa.Column('round', sa.Integer(), nullable=False),
        sa.Column('transfer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
        sa.Column('answer_by', sa.DateTime(timezone=True), nullable=True),
        sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('delivery_words', sa.String(length=300), nullable=False),
        sa.Column('released_why', sa.String(length=200), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('state', sa.String(length=20), nullable=False),
        sa.CheckConstraint("origin IN ('direct','offer')", name=op.f('ck_claims_origin_known')),
        sa.ForeignKeyConstraint(['by_id'], ['users.id'], name=op.f('fk_claims_by_id_users')),
        sa.ForeignKeyConstraint(['supporter_id'], ['supporters.id'], name=op.f('fk_claims_supporter_id_supporters')),
        sa.ForeignKeyConstraint(['transfer_id'], ['points_transfers.id'], name=op.f('fk_claims_transfer_id_points_transfers')),
        sa.ForeignKeyConstraint(['wish_id'], ['wishes.id'], name=op.f('fk_claims_wish_id_wishes')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_claims')),
        sa.UniqueConstraint('wish_id', 'supporter_id', 'turn', name=op.f('uq_claims_wish_id_supporter_id_turn'))
    )
    op.create_index(op.f('ix_claims_state'), 'claims', ['state'], unique=False)
    op.create_index(op.f('ix_claims_supporter_id'), 'claims', ['supporter_id'], unique=False)
    op.create_index(op.f('ix_claims_wish_id'), 'claims', ['wish_id'], unique=False)
    op.create_table('match_runs',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('place_id', sa.Integer(), nullable=False),
        sa.Column('place_path', sa.String(length=120), nullable=False),
        sa.Column('job_id', sa.Integer(), nullable=True),
        sa.Column('started_by_id', sa.Integer(), nullable=True),
        sa.Column('is_what_if', sa.Boolean(), nullable=False),
        sa.Column('is_enough', sa.Boolean(), nullable=False),
        sa.Column('options', sa.JSON(), nullable=False),
        sa.Column('weighting_id', sa.Integer(), nullable=True),
        sa.Column('snapshot_sha256', sa.String(length=64), nullable=False),
        sa.Column('demands', sa.Integer(), nullable=False),
        sa.Column('served', sa.Integer(), nullable=False),
        sa.Column('objective', sa.BigInteger(), nullable=False),
        sa.Column('bound', sa.BigInteger(), nullable=False),
        sa.Column('seconds', sa.Integer(), nullable=False),
        sa.Column('status', sa.String(length=20), nullable=False),
        sa.Column('figures', sa.JSON(), nullable=False),
        sa.Column('curve', sa.JSON(), nullable=False),
        sa.Column('unserved', sa.JSON(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('state', sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(['place_id'], ['places.id'], name=op.f('fk_match_runs_place_id_places')),
        sa.ForeignKeyConstraint(['started_by_id'], ['users.id'], name=op.f('fk_match_runs_started_by_id_users')),
        sa.ForeignKeyConstraint(['weighting_id'], ['weightings.id'], name=op.f('fk_match_runs_weighting_id_weightings')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_match_runs')),
        sa.UniqueConstraint('place_id', 'number', name=op.f('uq_match_runs_place_id_number'))
    )
    op.create_index(op.f('ix_match_runs_place_id'), 'match_runs', ['place_id'], unique=False)
    op.create_index(op.f('ix_match_runs_state'), 'match_runs', ['state'], unique=False)
    op.create_table('outbox',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('channel', sa.String(length=10), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=True),
        sa.Column('notice_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
        sa.Column('body', sa.Text(), nullable=False),
        sa.Column('status', sa.String(length=10), nullable=False),
        sa.Column('attempt', sa.Integer(), nullable=False),
        sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('waiting','sending','sent','dead')", name=op.f('ck_outbox_status_known')),
        sa.ForeignKeyConstraint(['notice_id'], ['notices.id'], name=op.f('fk_outbox_notice_id_notices'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_outbox_user_id_users'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox'))
    )
    op.create_index('ix_outbox_due', 'outbox', ['status', 'due_at'], unique=False)
    op.create_index('ix_outbox_user', 'outbox', ['user_id', 'sent_at'], unique=False)
    op.create_table('restricted_reads',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('wish_id', sa.Integer(), nullable=False),
        sa.Column('reader_id', sa.Integer(), nullable=False),
        sa.Column('fields', sa.String(length=80), nullable=False),
        sa.Column('purpose', sa.String(length=40), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['reader_id'], ['users.id'], name=op.f('fk_restricted_reads_reader_id_users')),
        sa.ForeignKeyConstraint(['wish_id'], ['wishes.id'], name=op.f('fk_restricted_reads_wish_id_wishes')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_restricted_reads'))
    )
    op.create_index(op.f('ix_restricted_reads_reader_id'), 'restricted_reads', ['reader_id'], unique=False)
    op.create_index(op.f('ix_restricted_reads_wish_id'), 'restricted_reads', ['wish_id'], unique=False)
    op.create_table('proposals',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('run_id', sa.Integer(), nullable=False),
        sa.Column('demand_ref', sa.String(length=30), nullable=False),
        sa.Column('supporter_id', sa.Integer(), nullable=False),
        sa.Column('place_path', sa.String(length=120), nullable=False),
        sa.Column('tier', sa.Integer(), nullable=False),
        sa.Column('seats', sa.Integer(), nullable=False),
        sa.Column('value', sa.BigInteger(), nullable=False),
        sa.Column('distance', sa.Integer(), nullable=False),
        sa.Column('load_after', sa.Integer(), nullable=False),
        sa.Column('load_quota', sa.Integer(), nullable=False),
        sa.Column('reasons', sa.JSON(), nullable=False),
        sa.Column('runners_up', sa.JSON(), nullable=False),
        sa.Column('change', sa.String(length=8), nullable=False),
        sa.Column('origin', sa.String(length=10), nullable=False),
        sa.Column('promise_ref', sa.String(length=30), nullable=True),
        sa.Column('answer_by', sa.DateTime(timezone=True), nullable=True),
        sa.Column('decided_by_id', sa.Integer(), nullable=True),
        sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('batch', sa.String(length=32), nullable=False),
        sa.Column('why', sa.String(length=300), nullable=False),
        sa.Column('why_params', sa.JSON(), nullable=False),
        sa.Column('title', sa.String(length=80), nullable=False),
        sa.Column('kind', sa.String(length=16), nullable=False),
        sa.Column('was', sa.String(length=80), nullable=False),
        sa.Column('search', sa.Text(), nullable=False),
        sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('chance', sa.Integer(), nullable=True),
        sa.Column('remind_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('reminded_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('state', sa.String(length=20), nullable=False),
        sa.CheckConstraint('seats >= 1', name=op.f('ck_proposals_seats_positive')),
        sa.ForeignKeyConstraint(['decided_by_id'], ['users.id'], name=op.f('fk_proposals_decided_by_id_users')),
        sa.ForeignKeyConstraint(['run_id'], ['match_runs.id'], name=op.f('fk_proposals_run_id_match_runs')),
        sa.ForeignKeyConstraint(['supporter_id'], ['supporters.id'], name=op.f('fk_proposals_supporter_id_supporters')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_proposals')),
        sa.UniqueConstraint('run_id', 'demand_ref', 'supporter_id', name=op.f('uq_proposals_run_id_demand_ref_supporter_id'))
    )
    op.create_index(op.f('ix_proposals_answer_by'), 'proposals', ['answer_by'], unique=False)
    op.create_index(op.f('ix_proposals_batch'), 'proposals', ['batch'], unique=False)
    op.create_index(op.f('ix_proposals_demand_ref'), 'proposals', ['demand_ref'], unique=False)
    op.create_index('ix_proposals_desk', 'proposals', ['run_id', 'state'], unique=False)
    op.create_index(op.f('ix_proposals_place_path'), 'proposals', ['place_path'], unique=False)
    op.create_index(op.f('ix_proposals_promise_ref'), 'proposals', ['promise_ref'], unique=False)
    op.create_index(op.f('ix_proposals_state'), 'proposals', ['state'], unique=False)
    op.create_index('ix_proposals_supporter', 'proposals', ['supporter_id', 'state'], unique=False)
    op.create_table('repairs',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('run_id', sa.Integer(), nullable=False),
        sa.Column('event', sa.String(length=12), nullable=False),
        sa.Column('demand_ref', sa.String(length=30), nullable=False),
        sa.Column('supporter_id', sa.Integer(), nullable=True),
        sa.Column('status', sa.String(length=10), nullable=False),
        sa.Column('changes', sa.JSON(), nullable=False),
        sa.Column('milliseconds', sa.Integer(), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("event IN ('declined','lapsed','withdrawn','paused','posted','cancelled')", name=op.f('ck_repairs_event_known')),
        sa.CheckConstraint("status IN ('waiting','changed','unchanged')", name=op.f('ck_repairs_status_known')),
        sa.ForeignKeyConstraint(['run_id'], ['match_runs.id'], name=op.f('fk_repairs_run_id_match_runs'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['supporter_id'], ['supporters.id'], name=op.f('fk_repairs_supporter_id_supporters'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_repairs'))
    )
    op.create_index(op.f('ix_repairs_run_id'), 'repairs', ['run_id'], unique=False)
    op.create_index('ix_repairs_waiting', 'repairs', ['status', 'id'], unique=False)
    op.create_table('run_papers',
        sa.Column('run_id', sa.Integer(), nullable=False),
        sa.Column('problem', sa.LargeBinary(), nullable=False),
        sa.Column('plan', sa.LargeBinary(), nullable=False),
        sa.Column('terms', sa.LargeBinary(), nullable=False),
        sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['run_id'], ['match_runs.id'], name=op.f('fk_run_papers_run_id_match_runs'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('run_id', name=op.f('pk_run_papers'))
    )
    op.create_table('wish_photos',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('wish_id', sa.Integer(), nullable=False),
        sa.Column('claim_id', sa.Integer(), nullable=True),
        sa.Column('purpose', sa.String(length=8), nullable=False),
        sa.Column('file_name', sa.String(length=64), nullable=False),
        sa.Column('width', sa.Integer(), nullable=False),
        sa.Column('height', sa.Integer(), nullable=False),
        sa.Column('by_id', sa.Integer(), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("purpose IN ('story','proof')", name=op.f('ck_wish_photos_purpose_known')),
        sa.ForeignKeyConstraint(['by_id'], ['users.id'], name=op.f('fk_wish_photos_by_id_users')),
        sa.ForeignKeyConstraint(['claim_id'], ['claims.id'], name=op.f('fk_wish_photos_claim_id_claims')),
        sa.ForeignKeyConstraint(['wish_id'], ['wishes.id'], name=op.f('fk_wish_photos_wish_id_wishes')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_wish_photos')),
        sa.UniqueConstraint('file_name', name=op.f('uq_wish_photos_file_name'))
    )
    op.create_index(op.f('ix_wish_photos_wish_id'), 'wish_photos', ['wish_id'], unique=False)
    for table in APPEND_ONLY:
        for statement in trigger_statements(table, op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    op.drop_index(op.f('ix_wish_photos_wish_id'), table_name='wish_photos')
    op.drop_table('wish_photos')
    op.drop_table('run_papers')
    op.drop_index('ix_repairs_waiting', table_name='repairs')
    op.drop_index(op.f('ix_repairs_run_id'), table_name='repairs')
    op.drop_table('repairs')
    op.drop_index('ix_proposals_supporter', table_name='proposals')
    op.drop_index(op.f('ix_proposals_state'), table_name='proposals')
    op.drop_index(op.f('ix_proposals_promise_ref'), table_name='proposals')
    op.drop_index(op.f('ix_proposals_place_path'), table_name='proposals')
    op.drop_index('ix_proposals_desk', table_name='proposals')
    op.drop_index(op.f('ix_proposals_demand_ref'), table_name='proposals')
    op.drop_index(op.f('ix_proposals_batch'), table_name='proposals')
    op.drop_index(op.f('ix_proposals_answer_by'), table_name='proposals')
    op.drop_table('proposals')
    op.drop_index(op.f('ix_restricted_reads_wish_id'), table_name='restricted_reads')
    op.drop_index(op.f('ix_restricted_reads_reader_id'), table_name='restricted_reads')
    op.drop_table('restricted_reads')
    op.drop_index('ix_outbox_user', table_name='outbox')
    op.drop_index('ix_outbox_due', table_name='outbox')
    op.drop_table('outbox')
    op.drop_index(op.f('ix_match_runs_state'), table_name='match_runs')
    op.drop_index(op.f('ix_match_runs_place_id'), table_name='match_runs')
    op.drop_table('match_runs')
    op.drop_index(op.f('ix_claims_wish_id'), table_name='claims')
    op.drop_index(op.f('ix_claims_supporter_id'), table_name='claims')
    op.drop_index(op.f('ix_claims_state'), table_name='claims')
    op.drop_table('claims')
    op.drop_index('ix_wishes_wall', table_name='wishes')
    op.drop_index(op.f('ix_wishes_state'), table_name='wishes')
    op.drop_index(op.f('ix_wishes_posted_by_id'), table_name='wishes')
    op.drop_index('ix_wishes_place_state', table_name='wishes')
    op.drop_index(op.f('ix_wishes_phone_index'), table_name='wishes')
    op.drop_index(op.f('ix_wishes_kind'), table_name='wishes')
    op.drop_index(op.f('ix_wishes_beneficiary_id'), table_name='wishes')
    op.drop_table('wishes')
    op.drop_index(op.f('ix_weightings_place_id'), table_name='weightings')
    op.drop_table('weightings')
    op.drop_index(op.f('ix_supporter_people_user_id'), table_name='supporter_people')
    op.drop_table('supporter_people')
    op.drop_index(op.f('ix_role_grants_place_id'), table_name='role_grants')
    op.drop_table('role_grants')
    op.drop_index(op.f('ix_recovery_codes_user_id'), table_name='recovery_codes')
    op.drop_table('recovery_codes')
    op.drop_index(op.f('ix_pairings_community_id'), table_name='pairings')
    op.drop_table('pairings')
    op.drop_index(op.f('ix_pair_marks_place_path'), table_name='pair_marks')
    op.drop_table('pair_marks')
    op.drop_index('ix_notices_inbox', table_name='notices')
    op.drop_table('notices')
    op.drop_table('free_times')
    op.drop_table('capacities')
    op.drop_table('abilities')
    op.drop_index(op.f('ix_users_community_id'), table_name='users')
    op.drop_table('users')
    op.drop_index('ix_supporters_place_kind', table_name='supporters')
    op.drop_index(op.f('ix_supporters_place_id'), table_name='supporters')
    op.drop_table('supporters')
    op.drop_table('points_entries')
    op.drop_table('audit_seals')
    op.drop_table('wish_counters')
    op.drop_index(op.f('ix_unknown_names_at'), table_name='unknown_names')
    op.drop_table('unknown_names')
    op.drop_table('request_keys')
    op.drop_index(op.f('ix_points_transfers_place_path'), table_name='points_transfers')
    op.drop_table('points_transfers')
    op.drop_table('points_accounts')
    op.drop_index(op.f('ix_places_parent_id'), table_name='places')
    op.drop_table('places')
    op.drop_index(op.f('ix_jobs_place_path'), table_name='jobs')
    op.drop_index('ix_jobs_due', table_name='jobs')
    op.drop_table('jobs')
    op.drop_index('ix_audit_entries_thing', table_name='audit_entries')
    op.drop_index(op.f('ix_audit_entries_place_path'), table_name='audit_entries')
    op.drop_index(op.f('ix_audit_entries_actor_id'), table_name='audit_entries')
    op.drop_table('audit_entries')
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change")
