"""Volunteer calls: calls, shifts, sign-ups, check-ins, hours, certificates."""

import sqlalchemy as sa
from alembic import op

from wishapp.store.append_only import trigger_statements
from wishapp.volunteering.overlap import overlap_statements

revision = "0002"
down_revision = "0001"
APPEND_ONLY = ('check_events', 'contact_reads')


def upgrade() -> None:
    op.add_column('proposals', sa.Column('starts_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('proposals', sa.Column('ends_at', sa.DateTime(timezone=True), nullable=True))
    op.create_table('call_counters',
        sa.Column('what', sa.String(length=12), nullable=False),
        sa.Column('district', sa.String(length=6), nullable=False),
        sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('last', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('what', 'district', 'year', name=op.f('pk_call_counters'))
    )
    op.create_table('calls',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('number', sa.String(length=24), nullable=True),
        sa.Column('title', sa.String(length=60), nullable=False),
        sa.Column('story', sa.Text(), nullable=False),
        sa.Column('kind', sa.String(length=16), nullable=False),
        sa.Column('team_id', sa.Integer(), nullable=True),
        sa.Column('posted_by_id', sa.Integer(), nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('grid_id', sa.Integer(), nullable=True),
        sa.Column('place_path', sa.String(length=120), nullable=False),
        sa.Column('spot', sa.String(length=80), nullable=False),
        sa.Column('latitude', sa.Float(), nullable=False),
        sa.Column('longitude', sa.Float(), nullable=False),
        sa.Column('age_min', sa.Integer(), nullable=True),
        sa.Column('age_max', sa.Integer(), nullable=True),
        sa.Column('opens_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('closes_hours', sa.Integer(), nullable=False),
        sa.Column('late_hours', sa.Integer(), nullable=False),
        sa.Column('grid_until', sa.DateTime(timezone=True), nullable=True),
        sa.Column('community_until', sa.DateTime(timezone=True), nullable=True),
        sa.Column('needs_approval', sa.Boolean(), nullable=False),
        sa.Column('takes_guests', sa.Boolean(), nullable=False),
        sa.Column('check_radius', sa.Integer(), nullable=False),
        sa.Column('check_minutes', sa.Integer(), nullable=False),
        sa.Column('risks', sa.Text(), nullable=False),
        sa.Column('safeguards', sa.Text(), nullable=False),
        sa.Column('contact_name', sa.String(length=40), nullable=False),
        sa.Column('contact_phone', sa.String(length=20), nullable=False),
        sa.Column('points_per_hour', sa.Integer(), nullable=False),
        sa.Column('report', sa.Text(), nullable=False),
        sa.Column('reported_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('moved_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('search', sa.Text(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('state', sa.String(length=20), nullable=False),
        sa.CheckConstraint('age_max IS NULL OR age_max BETWEEN 6 AND 99', name=op.f('ck_calls_age_max_in_range')),
        sa.CheckConstraint('age_min IS NULL OR age_min BETWEEN 6 AND 90', name=op.f('ck_calls_age_min_in_range')),
        sa.CheckConstraint('check_minutes BETWEEN 5 AND 180', name=op.f('ck_calls_check_minutes_in_range')),
        sa.CheckConstraint('check_radius BETWEEN 50 AND 5000', name=op.f('ck_calls_check_radius_in_range')),
        sa.CheckConstraint('closes_hours BETWEEN 0 AND 720', name=op.f('ck_calls_closes_hours_in_range')),
        sa.CheckConstraint('late_hours BETWEEN 0 AND 168', name=op.f('ck_calls_late_hours_in_range')),
        sa.CheckConstraint('points_per_hour BETWEEN 0 AND 100', name=op.f('ck_calls_points_per_hour_in_range')),
        sa.ForeignKeyConstraint(['community_id'], ['places.id'], name=op.f('fk_calls_community_id_places')),
        sa.ForeignKeyConstraint(['grid_id'], ['places.id'], name=op.f('fk_calls_grid_id_places')),
        sa.ForeignKeyConstraint(['posted_by_id'], ['users.id'], name=op.f('fk_calls_posted_by_id_users')),
        sa.ForeignKeyConstraint(['team_id'], ['supporters.id'], name=op.f('fk_calls_team_id_supporters')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_calls')),
        sa.UniqueConstraint('number', name=op.f('uq_calls_number'))
    )
    op.create_index('ix_calls_place_state', 'calls', ['place_path', 'state'], unique=False)
    op.create_index(op.f('ix_calls_posted_by_id'), 'calls', ['posted_by_id'], unique=False)
    op.create_index(op.f('ix_calls_state'), 'calls', ['state'], unique=False)
    op.create_index(op.f('ix_calls_team_id'), 'calls', ['team_id'], unique=False)
    op.create_table('service_rules',
        sa.Column('place_id', sa.Integer(), nullable=False),
        sa.Column('values', sa.JSON(), nullable=False),
        sa.Column('changed_by_id', sa.Integer(), nullable=True),
        sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['changed_by_id'], ['users.id'], name=op.f('fk_service_rules_changed_by_id_users')),
        sa.ForeignKeyConstraint(['place_id'], ['places.id'], name=op.f('fk_service_rules_place_id_places')),
        sa.PrimaryKeyConstraint('place_id', name=op.f('pk_service_rules'))
    )
    op.create_table('volunteers',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('number', sa.String(length=20), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=True),
        sa.Column('guest_name', sa.LargeBinary(), nullable=True),
        sa.Column('guest_phone', sa.LargeBinary(), nullable=True),
        sa.Column('phone_index', sa.String(length=64), nullable=True),
        sa.Column('birth_year', sa.Integer(), nullable=True),
        sa.Column('has_guardian_consent', sa.Boolean(), nullable=False),
        sa.Column('feed_digest', sa.String(length=64), nullable=True),
        sa.Column('paused_until', sa.Date(), nullable=True),
        sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('certificate_asked_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.CheckConstraint('birth_year IS NULL OR birth_year BETWEEN 1900 AND 2100', name=op.f('ck_volunteers_birth_year_in_range')),
        sa.CheckConstraint('user_id IS NOT NULL OR guest_phone IS NOT NULL', name=op.f('ck_volunteers_somebody')),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_volunteers_user_id_users')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_volunteers')),
        sa.UniqueConstraint('feed_digest', name=op.f('uq_volunteers_feed_digest')),
        sa.UniqueConstraint('number', name=op.f('uq_volunteers_number')),
        sa.UniqueConstraint('phone_index', name=op.f('uq_volunteers_phone_index')),
        sa.UniqueConstraint('user_id', name=op.f('uq_volunteers_user_id'))
    )
    op.create_table('certificates',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('number', sa.String(length=24), nullable=False),
        sa.Column('check_code', sa.String(length=16), nullable=False),
        sa.Column('volunteer_id', sa.Integer(), nullable=False),
        sa.Column('holder', sa.LargeBinary(), nullable=False),
        sa.Column('document', sa.LargeBinary(), nullable=False),
        sa.Column('since', sa.Date(), nullable=False),
        sa.Column('until', sa.Date(), nullable=False),
        sa.Column('half_hours', sa.Integer(), nullable=False),
        sa.Column('content', sa.JSON(), nullable=False),
        sa.Column('issuer_id', sa.Integer(), nullable=False),
        sa.Column('issuer_name', sa.String(length=80), nullable=False),
        sa.Column('in_charge', sa.String(length=40), nullable=False),
        sa.Column('handler', sa.String(length=40), nullable=False),
        sa.Column('contact', sa.String(length=40), nullable=False),
        sa.Column('notes', sa.String(length=300), nullable=False),
        sa.Column('made_by_id', sa.Integer(), nullable=True),
        sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('revoked_why', sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(['issuer_id'], ['places.id'], name=op.f('fk_certificates_issuer_id_places')),
        sa.ForeignKeyConstraint(['made_by_id'], ['users.id'], name=op.f('fk_certificates_made_by_id_users')),
        sa.ForeignKeyConstraint(['volunteer_id'], ['volunteers.id'], name=op.f('fk_certificates_volunteer_id_volunteers')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_certificates')),
        sa.UniqueConstraint('number', name=op.f('uq_certificates_number'))
    )
    op.create_index(op.f('ix_certificates_issuer_id'), 'certificates', ['issuer_id'], unique=False)
    op.create_index(op.f('ix_certificates_volunteer_id'), 'certificates', ['volunteer_id'], unique=False)
    op.create_table('shifts',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('call_id', sa.Integer(), nullable=False),
        sa.Column('place_path', sa.String(length=120), nullable=False),
        sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('minimum', sa.Integer(), nullable=False),
        sa.Column('last_turn', sa.Integer(), nullable=False),
        sa.Column('missed_rounds', sa.Integer(), nullable=False),
        sa.Column('secret', sa.String(length=43), nullable=False),
        sa.Column('reminded_day_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('reminded_hour_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('state', sa.String(length=20), nullable=False),
        sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_shifts_ends_after_it_starts')),
        sa.CheckConstraint('minimum >= 0', name=op.f('ck_shifts_minimum_not_negative')),
        sa.ForeignKeyConstraint(['call_id'], ['calls.id'], name=op.f('fk_shifts_call_id_calls')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_shifts'))
    )
    op.create_index(op.f('ix_shifts_call_id'), 'shifts', ['call_id'], unique=False)
    op.create_index(op.f('ix_shifts_place_path'), 'shifts', ['place_path'], unique=False)
    op.create_index(op.f('ix_shifts_state'), 'shifts', ['state'], unique=False)
    op.create_index('ix_shifts_state_starts', 'shifts', ['state', 'starts_at'], unique=False)
    op.create_table('year_reports',
        sa.Column('unit_id', sa.Integer(), nullable=False),
        sa.Column('volunteer_id', sa.Integer(), nullable=False),
        sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('checked', sa.Integer(), nullable=False),
        sa.Column('backfilled', sa.Integer(), nullable=False),
        sa.Column('times', sa.Integer(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['unit_id'], ['supporters.id'], name=op.f('fk_year_reports_unit_id_supporters')),
        sa.ForeignKeyConstraint(['volunteer_id'], ['volunteers.id'], name=op.f('fk_year_reports_volunteer_id_volunteers')),
        sa.PrimaryKeyConstraint('unit_id', 'volunteer_id', 'year', name=op.f('pk_year_reports'))
    )
    op.create_table('contact_reads',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('shift_id', sa.Integer(), nullable=False),
        sa.Column('reader_id', sa.Integer(), nullable=False),
        sa.Column('purpose', sa.String(length=40), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['reader_id'], ['users.id'], name=op.f('fk_contact_reads_reader_id_users')),
        sa.ForeignKeyConstraint(['shift_id'], ['shifts.id'], name=op.f('fk_contact_reads_shift_id_shifts')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_contact_reads'))
    )
    op.create_index(op.f('ix_contact_reads_reader_id'), 'contact_reads', ['reader_id'], unique=False)
    op.create_index(op.f('ix_contact_reads_shift_id'), 'contact_reads', ['shift_id'], unique=False)
    op.create_table('shift_roles',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('shift_id', sa.Integer(), nullable=False),
        sa.Column('skill', sa.String(length=20), nullable=False),
        sa.Column('seats', sa.Integer(), nullable=False),
        sa.Column('taken', sa.Integer(), nullable=False),
        sa.CheckConstraint('seats <= 500', name=op.f('ck_shift_roles_seats_in_range')),
        sa.CheckConstraint('taken <= seats', name=op.f('ck_shift_roles_taken_within_seats')),
        sa.CheckConstraint('taken >= 0', name=op.f('ck_shift_roles_taken_not_negative')),
        sa.ForeignKeyConstraint(['shift_id'], ['shifts.id'], name=op.f('fk_shift_roles_shift_id_shifts')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_shift_roles')),
        sa.UniqueConstraint('shift_id', 'skill', name=op.f('uq_shift_roles_shift_id_skill'))
    )
    op.create_table('sign_ups',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('shift_id', sa.Integer(), nullable=False),
        sa.Column('role_id', sa.Integer(), nullable=False),
        sa.Column('volunteer_id', sa.Integer(), nullable=False),
        sa.Column('supporter_id', sa.Integer(), nullable=True),
        sa.Column('origin', sa.String(length=8), nullable=False),
        sa.Column('people', sa.Integer(), nullable=False),
        sa.Column('turn', sa.Integer(), nullable=False),
        sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('place_path', sa.String(length=120), nullable=False),
        sa.Column('by_id', sa.Integer(), nullable=True),
        sa.Column('answer_by', sa.DateTime(timezone=True), nullable=True),
        sa.Column('capacity_period', sa.String(length=40), nullable=True),
        sa.Column('token_digest', sa.String(length=64), nullable=True),
        sa.Column('asked_off_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('stand_in_for_id', sa.Integer(), nullable=True),
        sa.Column('ended_why', sa.String(length=200), nullable=False),
        sa.Column('checked_in_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('checked_in_how', sa.String(length=10), nullable=False),
        sa.Column('checked_out_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('call_rating', sa.Integer(), nullable=True),
        sa.Column('call_words', sa.String(length=300), nullable=False),
        sa.Column('rating', sa.Integer(), nullable=True),
        sa.Column('rating_words', sa.String(length=300), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('state', sa.String(length=20), nullable=False),
        sa.CheckConstraint("origin IN ('own','guest','staff','match','stand_in')", name=op.f('ck_sign_ups_origin_known')),
        sa.CheckConstraint('call_rating IS NULL OR call_rating BETWEEN 1 AND 5', name=op.f('ck_sign_ups_call_rating_in_range')),
        sa.CheckConstraint('people BETWEEN 1 AND 20', name=op.f('ck_sign_ups_people_in_range')),
        sa.CheckConstraint('rating IS NULL OR rating BETWEEN 1 AND 5', name=op.f('ck_sign_ups_rating_in_range')),
        sa.ForeignKeyConstraint(['by_id'], ['users.id'], name=op.f('fk_sign_ups_by_id_users')),
        sa.ForeignKeyConstraint(['role_id'], ['shift_roles.id'], name=op.f('fk_sign_ups_role_id_shift_roles')),
        sa.ForeignKeyConstraint(['shift_id'], ['shifts.id'], name=op.f('fk_sign_ups_shift_id_shifts')),
        sa.ForeignKeyConstraint(['stand_in_for_id'], ['sign_ups.id'], name=op.f('fk_sign_ups_stand_in_for_id_sign_ups')),
        sa.ForeignKeyConstraint(['supporter_id'], ['supporters.id'], name=op.f('fk_sign_ups_supporter_id_supporters')),
        sa.ForeignKeyConstraint(['volunteer_id'], ['volunteers.id'], name=op.f('fk_sign_ups_volunteer_id_volunteers')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_ups')),
        sa.UniqueConstraint('token_digest', name=op.f('uq_sign_ups_token_digest'))
    )
    op.create_index(op.f('ix_sign_ups_answer_by'), 'sign_ups', ['answer_by'], unique=False)
    op.create_index('ix_sign_ups_queue', 'sign_ups', ['shift_id', 'state', 'turn'], unique=False)
    op.create_index(op.f('ix_sign_ups_role_id'), 'sign_ups', ['role_id'], unique=False)
    op.create_index(op.f('ix_sign_ups_state'), 'sign_ups', ['state'], unique=False)
    op.create_index(op.f('ix_sign_ups_supporter_id'), 'sign_ups', ['supporter_id'], unique=False)
    op.create_index(op.f('ix_sign_ups_volunteer_id'), 'sign_ups', ['volunteer_id'], unique=False)
    op.create_index('uq_sign_ups_living', 'sign_ups', ['shift_id', 'volunteer_id'], unique=True, sqlite_where=sa.text("state IN ('applied','offered','confirmed','attended','late','absent','waitlisted')"), postgresql_where=sa.text("state IN ('applied','offered','confirmed','attended','late','absent','waitlisted')"))
    op.create_table('check_events',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('key', sa.String(length=36), nullable=False),
        sa.Column('sign_up_id', sa.Integer(), nullable=False),
        sa.Column('what', sa.String(length=3), nullable=False),
        sa.Column('how', sa.String(length=10), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('by_id', sa.Integer(), nullable=True),
        sa.Column('metres', sa.Integer(), nullable=True),
        sa.CheckConstraint("how IN ('own_code','place_code','position','leader','closing')", name=op.f('ck_check_events_how_known')),
        sa.CheckConstraint("what IN ('in','out')", name=op.f('ck_check_events_what_known')),
        sa.ForeignKeyConstraint(['by_id'], ['users.id'], name=op.f('fk_check_events_by_id_users')),
        sa.ForeignKeyConstraint(['sign_up_id'], ['sign_ups.id'], name=op.f('fk_check_events_sign_up_id_sign_ups')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_check_events')),
        sa.UniqueConstraint('key', name=op.f('uq_check_events_key'))
    )
    op.create_index(op.f('ix_check_events_sign_up_id'), 'check_events', ['sign_up_id'], unique=False)
    op.create_table('findings',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('call_id', sa.Integer(), nullable=False),
        sa.Column('sign_up_id', sa.Integer(), nullable=False),
        sa.Column('place_path', sa.String(length=120), nullable=False),
        sa.Column('words', sa.String(length=300), nullable=False),
        sa.Column('spot', sa.String(length=80), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('issue_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('issue_title', sa.String(length=60), nullable=False),
        sa.Column('issue_by_id', sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(['call_id'], ['calls.id'], name=op.f('fk_findings_call_id_calls')),
        sa.ForeignKeyConstraint(['issue_by_id'], ['users.id'], name=op.f('fk_findings_issue_by_id_users')),
        sa.ForeignKeyConstraint(['sign_up_id'], ['sign_ups.id'], name=op.f('fk_findings_sign_up_id_sign_ups')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_findings'))
    )
    op.create_index(op.f('ix_findings_call_id'), 'findings', ['call_id'], unique=False)
    op.create_index(op.f('ix_findings_place_path'), 'findings', ['place_path'], unique=False)
    op.create_index(op.f('ix_findings_sign_up_id'), 'findings', ['sign_up_id'], unique=False)
    op.create_table('service_records',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('volunteer_id', sa.Integer(), nullable=False),
        sa.Column('sign_up_id', sa.Integer(), nullable=True),
        sa.Column('call_id', sa.Integer(), nullable=True),
        sa.Column('source', sa.String(length=8), nullable=False),
        sa.Column('title', sa.String(length=60), nullable=False),
        sa.Column('content', sa.String(length=300), nullable=False),
        sa.Column('kind', sa.String(length=16), nullable=False),
        sa.Column('beneficiary', sa.String(length=20), nullable=False),
        sa.Column('place_name', sa.String(length=120), nullable=False),
        sa.Column('place_path', sa.String(length=120), nullable=False),
        sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('minutes', sa.Integer(), nullable=False),
        sa.Column('half_hours', sa.Integer(), nullable=False),
        sa.Column('in_charge', sa.String(length=40), nullable=False),
        sa.Column('recorder_id', sa.Integer(), nullable=True),
        sa.Column('reviewer_id', sa.Integer(), nullable=True),
        sa.Column('shown_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('final_due', sa.DateTime(timezone=True), nullable=True),
        sa.Column('final_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('objection', sa.String(length=300), nullable=False),
        sa.Column('answer', sa.String(length=300), nullable=False),
        sa.Column('transfer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('state', sa.String(length=20), nullable=False),
        sa.CheckConstraint("source IN ('check_in','backfill')", name=op.f('ck_service_records_source_known')),
        sa.CheckConstraint('half_hours BETWEEN 0 AND 48', name=op.f('ck_service_records_half_hours_in_range')),
        sa.CheckConstraint('minutes BETWEEN 0 AND 1440', name=op.f('ck_service_records_minutes_in_range')),
        sa.CheckConstraint('reviewer_id IS NULL OR recorder_id IS NULL OR reviewer_id <> recorder_id', name=op.f('ck_service_records_second_person')),
        sa.ForeignKeyConstraint(['call_id'], ['calls.id'], name=op.f('fk_service_records_call_id_calls')),
        sa.ForeignKeyConstraint(['recorder_id'], ['users.id'], name=op.f('fk_service_records_recorder_id_users')),
        sa.ForeignKeyConstraint(['reviewer_id'], ['users.id'], name=op.f('fk_service_records_reviewer_id_users')),
        sa.ForeignKeyConstraint(['sign_up_id'], ['sign_ups.id'], name=op.f('fk_service_records_sign_up_id_sign_ups')),
        sa.ForeignKeyConstraint(['transfer_id'], ['points_transfers.id'], name=op.f('fk_service_records_transfer_id_points_transfers')),
        sa.ForeignKeyConstraint(['volunteer_id'], ['volunteers.id'], name=op.f('fk_service_records_volunteer_id_volunteers')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_service_records')),
        sa.UniqueConstraint('sign_up_id', name=op.f('uq_service_records_sign_up_id'))
    )
    op.create_index(op.f('ix_service_records_call_id'), 'service_records', ['call_id'], unique=False)
    op.create_index('ix_service_records_due', 'service_records', ['state', 'final_due'], unique=False)
    op.create_index(op.f('ix_service_records_place_path'), 'service_records', ['place_path'], unique=False)
    op.create_index(op.f('ix_service_records_state'), 'service_records', ['state'], unique=False)
    op.create_index('ix_service_records_volunteer', 'service_records', ['volunteer_id', 'state'], unique=False)
    op.create_table('stand_in_asks',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('sign_up_id', sa.Integer(), nullable=False),
        sa.Column('volunteer_id', sa.Integer(), nullable=False),
        sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('answer_by', sa.DateTime(timezone=True), nullable=False),
        sa.Column('answer', sa.String(length=8), nullable=False),
        sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("answer IN ('waiting','yes','no','late')", name=op.f('ck_stand_in_asks_answer_known')),
        sa.ForeignKeyConstraint(['sign_up_id'], ['sign_ups.id'], name=op.f('fk_stand_in_asks_sign_up_id_sign_ups')),
        sa.ForeignKeyConstraint(['volunteer_id'], ['volunteers.id'], name=op.f('fk_stand_in_asks_volunteer_id_volunteers')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_stand_in_asks')),
        sa.UniqueConstraint('sign_up_id', 'volunteer_id', name=op.f('uq_stand_in_asks_sign_up_id_volunteer_id'))
    )
    op.create_index(op.f('ix_stand_in_asks_answer_by'), 'stand_in_asks', ['answer_by'], unique=False)
    op.create_index(op.f('ix_stand_in_asks_volunteer_id'), 'stand_in_asks', ['volunteer_id'], unique=False)
    op.create_table('call_photos',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('call_id', sa.Integer(), nullable=True),
        sa.Column('finding_id', sa.Integer(), nullable=True),
        sa.Column('record_id', sa.Integer(), nullable=True),
        sa.Column('purpose', sa.String(length=8), nullable=False),
        sa.Column('file_name', sa.String(length=64), nullable=False),
        sa.Column('width', sa.Integer(), nullable=False),
        sa.Column('height', sa.Integer(), nullable=False),
        sa.Column('by_id', sa.Integer(), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("purpose IN ('poster','report','finding','proof')", name=op.f('ck_call_photos_purpose_known')),
        sa.ForeignKeyConstraint(['by_id'], ['users.id'], name=op.f('fk_call_photos_by_id_users')),
        sa.ForeignKeyConstraint(['call_id'], ['calls.id'], name=op.f('fk_call_photos_call_id_calls')),
        sa.ForeignKeyConstraint(['finding_id'], ['findings.id'], name=op.f('fk_call_photos_finding_id_findings')),
        sa.ForeignKeyConstraint(['record_id'], ['service_records.id'], name=op.f('fk_call_photos_record_id_service_records')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_call_photos')),
        sa.UniqueConstraint('file_name', name=op.f('uq_call_photos_file_name'))
    )
    op.create_index(op.f('ix_call_photos_call_id'), 'call_photos', ['call_id'], unique=False)
    op.create_index(op.f('ix_call_photos_finding_id'), 'call_photos', ['finding_id'], unique=False)
    op.create_index(op.f('ix_call_photos_record_id'), 'call_photos', ['record_id'], unique=False)
    dialect = op.get_bind().dialect.name
    for table in APPEND_ONLY:
        for statement in trigger_statements(table, dialect):
            op.execute(statement)
    for statement in overlap_statements(dialect):
        op.execute(statement)


def downgrade() -> None:
    op.drop_column('proposals', 'ends_at')
    op.drop_column('proposals', 'starts_at')
    op.drop_index(op.f('ix_call_photos_record_id'), table_name='call_photos')
    op.drop_index(op.f('ix_call_photos_finding_id'), table_name='call_photos')
    op.drop_index(op.f('ix_call_photos_call_id'), table_name='call_photos')
    op.drop_table('call_photos')
    op.drop_index(op.f('ix_stand_in_asks_volunteer_id'), table_name='stand_in_asks')
    op.drop_index(op.f('ix_stand_in_asks_answer_by'), table_name='stand_in_asks')
    op.drop_table('stand_in_asks')
    op.drop_index('ix_service_records_volunteer', table_name='service_records')
    op.drop_index(op.f('ix_service_records_state'), table_name='service_records')
    op.drop_index(op.f('ix_service_records_place_path'), table_name='service_records')
    op.drop_index('ix_service_records_due', table_name='service_records')
    op.drop_index(op.f('ix_service_records_call_id'), table_name='service_records')
    op.drop_table('service_records')
    op.drop_index(op.f('ix_findings_sign_up_id'), table_name='findings')
    op.drop_index(op.f('ix_findings_place_path'), table_name='findings')
    op.drop_index(op.f('ix_findings_call_id'), table_name='findings')
    op.drop_table('findings')
    op.drop_index(op.f('ix_check_events_sign_up_id'), table_name='check_events')
    op.drop_table('check_events')
    op.drop_index('uq_sign_ups_living', table_name='sign_ups', sqlite_where=sa.text("state IN ('applied','offered','confirmed','attended','late','absent','waitlisted')"), postgresql_where=sa.text("state IN ('applied','offered','confirmed','attended','late','absent','waitlisted')"))
    op.drop_index(op.f('ix_sign_ups_volunteer_id'), table_name='sign_ups')
    op.drop_index(op.f('ix_sign_ups_supporter_id'), table_name='sign_ups')
    op.drop_index(op.f('ix_sign_ups_state'), table_name='sign_ups')
    op.drop_index(op.f('ix_sign_ups_role_id'), table_name='sign_ups')
    op.drop_index('ix_sign_ups_queue', table_name='sign_ups')
    op.drop_index(op.f('ix_sign_ups_answer_by'), table_name='sign_ups')
    op.drop_table('sign_ups')
    op.drop_table('shift_roles')
    op.drop_index(op.f('ix_contact_reads_shift_id'), table_name='contact_reads')
    op.drop_index(op.f('ix_contact_reads_reader_id'), table_name='contact_reads')
    op.drop_table('contact_reads')
    op.drop_table('year_reports')
    op.drop_index('ix_shifts_state_starts', table_name='shifts')
    op.drop_index(op.f('ix_shifts_state'), table_name='shifts')
    op.drop_index(op.f('ix_shifts_place_path'), table_name='shifts')
    op.drop_index(op.f('ix_shifts_call_id'), table_name='shifts')
    op.drop_table('shifts')
    op.drop_index(op.f('ix_certificates_volunteer_id'), table_name='certificates')
    op.drop_index(op.f('ix_certificates_issuer_id'), table_name='certificates')
    op.drop_table('certificates')
    op.drop_table('volunteers')
    op.drop_table('service_rules')
    op.drop_index(op.f('ix_calls_team_id'), table_name='calls')
    op.drop_index(op.f('ix_calls_state'), table_name='calls')
    op.drop_index(op.f('ix_calls_posted_by_id'), table_name='calls')
    op.drop_index('ix_calls_place_state', table_name='calls')
    op.drop_table('calls')
    op.drop_table('call_counters')
