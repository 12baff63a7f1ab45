SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE TYPE public.procrastinate_job_event_type AS ENUM (
    'deferred',
    'started',
    'deferred_for_retry',
    'failed',
    'succeeded',
    'cancelled',
    'abort_requested',
    'aborted',
    'scheduled',
    'retried'
);
CREATE TYPE public.procrastinate_job_status AS ENUM (
    'todo',
    'doing',
    'succeeded',
    'failed',
    'cancelled',
    'aborting',
    'aborted'
);
CREATE TYPE public.procrastinate_job_to_defer_v1 AS (
	queue_name character varying,
	task_name character varying,
	priority integer,
	lock text,
	queueing_lock text,
	args jsonb,
	scheduled_at timestamp with time zone
);
CREATE FUNCTION public.procrastinate_cancel_job_v1(job_id bigint, abort boolean, delete_job boolean) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status = 'todo'
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        IF abort THEN
            UPDATE procrastinate_jobs
            SET abort_requested = true,
                status = CASE status
                    WHEN 'todo' THEN 'cancelled'::procrastinate_job_status ELSE status
                END
            WHERE id = job_id AND status IN ('todo', 'doing')
            RETURNING id INTO _job_id;
        ELSE
            UPDATE procrastinate_jobs
            SET status = 'cancelled'::procrastinate_job_status
            WHERE id = job_id AND status = 'todo'
            RETURNING id INTO _job_id;
        END IF;
    END IF;
    RETURN _job_id;
END;
$$;
CREATE FUNCTION public.procrastinate_defer_jobs_v1(jobs public.procrastinate_job_to_defer_v1[]) RETURNS bigint[]
    LANGUAGE plpgsql
    AS $$
DECLARE
    job_ids bigint[];
BEGIN
    WITH inserted_jobs AS (
        INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)
        SELECT (job).queue_name,
               (job).task_name,
               (job).priority,
               (job).lock,
               (job).queueing_lock,
               (job).args,
               (job).scheduled_at
        FROM unnest(jobs) AS job
        RETURNING id
    )
    SELECT array_agg(id) FROM inserted_jobs INTO job_ids;
    RETURN job_ids;
END;
$$;
CREATE FUNCTION public.procrastinate_defer_periodic_job_v2(_queue_name character varying, _lock character varying, _queueing_lock character varying, _task_name character varying, _priority integer, _periodic_id character varying, _defer_timestamp bigint, _args jsonb) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
	_job_id bigint;
	_defer_id bigint;
BEGIN
    INSERT
        INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp)
        VALUES (_task_name, _periodic_id, _defer_timestamp)
        ON CONFLICT DO NOTHING
        RETURNING id into _defer_id;
    IF _defer_id IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE procrastinate_periodic_defers
        SET job_id = (
            SELECT COALESCE((
                SELECT unnest(procrastinate_defer_jobs_v1(
                    ARRAY[
                        ROW(
                            _queue_name,
                            _task_name,
                            _priority,
                            _lock,
                            _queueing_lock,
                            _args,
                            NULL::timestamptz
                        )
                    ]::procrastinate_job_to_defer_v1[]
                ))
            ), NULL)
        )
        WHERE id = _defer_id
        RETURNING job_id INTO _job_id;
    DELETE
        FROM procrastinate_periodic_defers
        USING (
            SELECT id
            FROM procrastinate_periodic_defers
            WHERE procrastinate_periodic_defers.task_name = _task_name
            AND procrastinate_periodic_defers.periodic_id = _periodic_id
            AND procrastinate_periodic_defers.defer_timestamp < _defer_timestamp
            ORDER BY id
            FOR UPDATE
        ) to_delete
        WHERE procrastinate_periodic_defers.id = to_delete.id;
    RETURN _job_id;
END;
$$;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.procrastinate_jobs (
    id bigint NOT NULL,
    queue_name character varying(128) NOT NULL,
    task_name character varying(128) NOT NULL,
    priority integer DEFAULT 0 NOT NULL,
    lock text,
    queueing_lock text,
    args jsonb DEFAULT '{}'::jsonb NOT NULL,
    status public.procrastinate_job_status DEFAULT 'todo'::public.procrastinate_job_status NOT NULL,
    scheduled_at timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL,
    abort_requested boolean DEFAULT false NOT NULL,
    worker_id bigint,
    CONSTRAINT check_not_todo_abort_requested CHECK ((NOT ((status = 'todo'::public.procrastinate_job_status) AND (abort_requested = true))))
);
CREATE FUNCTION public.procrastinate_fetch_job_v2(target_queue_names character varying[], p_worker_id bigint) RETURNS public.procrastinate_jobs
    LANGUAGE plpgsql
    AS $$
DECLARE
	found_jobs procrastinate_jobs;
BEGIN
    WITH candidate AS (
        SELECT jobs.*
            FROM procrastinate_jobs AS jobs
            WHERE
                -- reject the job if its lock has earlier or higher priority jobs
                NOT EXISTS (
                    SELECT 1
                        FROM procrastinate_jobs AS other_jobs
                        WHERE
                            jobs.lock IS NOT NULL
                            AND other_jobs.lock = jobs.lock
                            AND (
                                -- job with same lock is already running
                                other_jobs.status = 'doing'
                                OR
                                -- job with same lock is waiting and has higher priority (or same priority but was queued first)
                                (
                                    other_jobs.status = 'todo'
                                    AND (
                                        other_jobs.priority > jobs.priority
                                        OR (
                                        other_jobs.priority = jobs.priority
                                        AND other_jobs.id < jobs.id
                                        )
                                    )
                                )
                            )
                )
                AND jobs.status = 'todo'
                AND (target_queue_names IS NULL OR jobs.queue_name = ANY( target_queue_names ))
                AND (jobs.scheduled_at IS NULL OR jobs.scheduled_at <= now())
            ORDER BY jobs.priority DESC, jobs.id ASC LIMIT 1
            FOR UPDATE OF jobs SKIP LOCKED
    )
    UPDATE procrastinate_jobs
        SET status = 'doing', worker_id = p_worker_id
        FROM candidate
        WHERE procrastinate_jobs.id = candidate.id
        RETURNING procrastinate_jobs.* INTO found_jobs;
 RETURN found_jobs;
END;
$$;
CREATE FUNCTION public.procrastinate_finish_job_v1(job_id bigint, end_status public.procrastinate_job_status, delete_job boolean) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF end_status NOT IN ('succeeded', 'failed', 'aborted') THEN
        RAISE 'End status should be either "succeeded", "failed" or "aborted" (job id: %)', job_id;
    END IF;
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = end_status,
            abort_requested = false,
            attempts = CASE status
                WHEN 'doing' THEN attempts + 1 ELSE attempts
            END
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" or "todo" status (job id: %)', job_id;
    END IF;
END;
$$;
CREATE FUNCTION public.procrastinate_notify_queue_abort_job_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    payload TEXT;
BEGIN
    SELECT json_build_object('type', 'abort_job_requested', 'job_id', NEW.id)::text INTO payload;
	PERFORM pg_notify('procrastinate_queue_v1#' || NEW.queue_name, payload);
	PERFORM pg_notify('procrastinate_any_queue_v1', payload);
	RETURN NEW;
END;
$$;
CREATE FUNCTION public.procrastinate_notify_queue_job_inserted_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    payload TEXT;
BEGIN
    SELECT json_build_object('type', 'job_inserted', 'job_id', NEW.id)::text INTO payload;
	PERFORM pg_notify('procrastinate_queue_v1#' || NEW.queue_name, payload);
	PERFORM pg_notify('procrastinate_any_queue_v1', payload);
	RETURN NEW;
END;
$$;
CREATE FUNCTION public.procrastinate_prune_stalled_workers_v1(seconds_since_heartbeat double precision) RETURNS TABLE(worker_id bigint)
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN QUERY
    DELETE FROM procrastinate_workers
    WHERE last_heartbeat < NOW() - (seconds_since_heartbeat || 'SECOND')::INTERVAL
    RETURNING procrastinate_workers.id;
END;
$$;
CREATE FUNCTION public.procrastinate_register_worker_v1() RETURNS TABLE(worker_id bigint)
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN QUERY
    INSERT INTO procrastinate_workers DEFAULT VALUES
    RETURNING procrastinate_workers.id;
END;
$$;
CREATE FUNCTION public.procrastinate_retry_job_v1(job_id bigint, retry_at timestamp with time zone, new_priority integer, new_queue_name character varying, new_lock character varying) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
    _abort_requested boolean;
BEGIN
    SELECT abort_requested FROM procrastinate_jobs
    WHERE id = job_id AND status = 'doing'
    FOR UPDATE
    INTO _abort_requested;
    IF _abort_requested THEN
        UPDATE procrastinate_jobs
        SET status = 'failed'::procrastinate_job_status
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = 'todo'::procrastinate_job_status,
            attempts = attempts + 1,
            scheduled_at = retry_at,
            priority = COALESCE(new_priority, priority),
            queue_name = COALESCE(new_queue_name, queue_name),
            lock = COALESCE(new_lock, lock)
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" status (job id: %)', job_id;
    END IF;
END;
$$;
CREATE FUNCTION public.procrastinate_retry_job_v2(job_id bigint, retry_at timestamp with time zone, new_priority integer, new_queue_name character varying, new_lock character varying) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
    _abort_requested boolean;
    _current_status procrastinate_job_status;
BEGIN
    SELECT status, abort_requested FROM procrastinate_jobs
    WHERE id = job_id AND status IN ('doing', 'failed')
    FOR UPDATE
    INTO _current_status, _abort_requested;
    IF _current_status = 'doing' AND _abort_requested THEN
        UPDATE procrastinate_jobs
        SET status = 'failed'::procrastinate_job_status
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = 'todo'::procrastinate_job_status,
            attempts = attempts + 1,
            scheduled_at = retry_at,
            priority = COALESCE(new_priority, priority),
            queue_name = COALESCE(new_queue_name, queue_name),
            lock = COALESCE(new_lock, lock)
        WHERE id = job_id AND status IN ('doing', 'failed')
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or has an invalid status to retry (job id: %)', job_id;
    END IF;
END;
$$;
CREATE FUNCTION public.procrastinate_trigger_abort_requested_events_procedure_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type)
        VALUES (NEW.id, 'abort_requested'::procrastinate_job_event_type);
    RETURN NEW;
END;
$$;
CREATE FUNCTION public.procrastinate_trigger_function_scheduled_events_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type, at)
        VALUES (NEW.id, 'scheduled'::procrastinate_job_event_type, NEW.scheduled_at);
	RETURN NEW;
END;
$$;
CREATE FUNCTION public.procrastinate_trigger_function_status_events_insert_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type)
        VALUES (NEW.id, 'deferred'::procrastinate_job_event_type);
	RETURN NEW;
END;
$$;
CREATE FUNCTION public.procrastinate_trigger_function_status_events_update_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    WITH t AS (
        SELECT CASE
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND NEW.status = 'doing'::procrastinate_job_status
                THEN 'started'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'todo'::procrastinate_job_status
                THEN 'deferred_for_retry'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'failed'::procrastinate_job_status
                THEN 'failed'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'succeeded'::procrastinate_job_status
                THEN 'succeeded'::procrastinate_job_event_type
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND (
                    NEW.status = 'cancelled'::procrastinate_job_status
                    OR NEW.status = 'failed'::procrastinate_job_status
                    OR NEW.status = 'succeeded'::procrastinate_job_status
                )
                THEN 'cancelled'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'aborted'::procrastinate_job_status
                THEN 'aborted'::procrastinate_job_event_type
            WHEN OLD.status = 'failed'::procrastinate_job_status
                AND NEW.status = 'todo'::procrastinate_job_status
                THEN 'retried'::procrastinate_job_event_type
            ELSE NULL
        END as event_type
    )
    INSERT INTO procrastinate_events(job_id, type)
        SELECT NEW.id, t.event_type
        FROM t
        WHERE t.event_type IS NOT NULL;
	RETURN NEW;
END;
$$;
CREATE FUNCTION public.procrastinate_unlink_periodic_defers_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE procrastinate_periodic_defers
    SET job_id = NULL
    WHERE job_id = OLD.id;
    RETURN OLD;
END;
$$;
CREATE FUNCTION public.procrastinate_unregister_worker_v1(worker_id bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    DELETE FROM procrastinate_workers
    WHERE id = worker_id;
END;
$$;
CREATE FUNCTION public.procrastinate_update_heartbeat_v1(worker_id bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE procrastinate_workers
    SET last_heartbeat = NOW()
    WHERE id = worker_id;
END;
$$;
CREATE TABLE public.accounts (
    id bigint NOT NULL,
    public_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    created_at bigint NOT NULL
);
CREATE SEQUENCE public.accounts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.accounts_id_seq OWNED BY public.accounts.id;
CREATE TABLE public.additions (
    id bigint NOT NULL,
    public_id text NOT NULL COLLATE pg_catalog."C",
    list_id bigint NOT NULL,
    key_id bigint,
    user_id bigint,
    total integer NOT NULL,
    first_sequence integer NOT NULL,
    added integer NOT NULL,
    left_out text NOT NULL,
    enrich boolean NOT NULL,
    validate_email boolean NOT NULL,
    reveal_phone_numbers boolean NOT NULL,
    prices text NOT NULL,
    email_held bigint NOT NULL,
    phone_held bigint NOT NULL,
    email_spent bigint DEFAULT '0'::bigint NOT NULL,
    phone_spent bigint DEFAULT '0'::bigint NOT NULL,
    created_at bigint NOT NULL,
    CONSTRAINT ck_additions_held CHECK (((email_held >= 0) AND (phone_held >= 0)))
);
CREATE SEQUENCE public.additions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.additions_id_seq OWNED BY public.additions.id;
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.api_keys (
    id bigint NOT NULL,
    public_id text NOT NULL COLLATE pg_catalog."C",
    workspace_id bigint NOT NULL,
    user_id bigint NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    digest text NOT NULL COLLATE pg_catalog."C",
    last_four text NOT NULL,
    created_at bigint NOT NULL,
    revoked_at bigint,
    CONSTRAINT ck_api_keys_role CHECK ((role = ANY (ARRAY['admin'::text, 'member'::text])))
);
CREATE SEQUENCE public.api_keys_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.api_keys_id_seq OWNED BY public.api_keys.id;
CREATE TABLE public.credit_balances (
    workspace_id bigint NOT NULL,
    kind text NOT NULL,
    balance bigint NOT NULL,
    held bigint DEFAULT '0'::bigint NOT NULL,
    CONSTRAINT ck_credit_balances_balance CHECK (((balance >= 0) AND (held >= 0) AND (held <= balance))),
    CONSTRAINT ck_credit_balances_kind CHECK ((kind = ANY (ARRAY['email'::text, 'phone'::text])))
);
CREATE TABLE public.credit_entries (
    id bigint NOT NULL,
    workspace_id bigint NOT NULL,
    kind text NOT NULL,
    amount bigint NOT NULL,
    reason text NOT NULL,
    note text,
    admin_id bigint NOT NULL,
    key_id bigint,
    user_id bigint,
    list_id bigint,
    sequence integer,
    charge_key text NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL,
    CONSTRAINT ck_credit_entries_kind CHECK ((kind = ANY (ARRAY['email'::text, 'phone'::text])))
);
CREATE SEQUENCE public.credit_entries_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.credit_entries_id_seq OWNED BY public.credit_entries.id;
CREATE TABLE public.directory_companies (
    id bigint NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    domain text COLLATE pg_catalog."C",
    name_key text COLLATE pg_catalog."C",
    company text NOT NULL,
    updated_at bigint NOT NULL
);
CREATE SEQUENCE public.directory_companies_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.directory_companies_id_seq OWNED BY public.directory_companies.id;
CREATE TABLE public.directory_people (
    id bigint NOT NULL,
    public_id text NOT NULL COLLATE pg_catalog."C",
    company_id bigint,
    key text NOT NULL COLLATE pg_catalog."C",
    linkedin_key text COLLATE pg_catalog."C",
    email_key text COLLATE pg_catalog."C",
    title_key text COLLATE pg_catalog."C",
    person text NOT NULL,
    updated_at bigint NOT NULL
);
CREATE SEQUENCE public.directory_people_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.directory_people_id_seq OWNED BY public.directory_people.id;
CREATE TABLE public.idempotency_keys (
    workspace_id bigint NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    fingerprint text NOT NULL,
    status integer NOT NULL,
    headers text NOT NULL,
    body text NOT NULL,
    created_at bigint NOT NULL
);
CREATE TABLE public.lead_list_entries (
    list_id bigint NOT NULL,
    sequence integer NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    lead text NOT NULL,
    status text DEFAULT 'queued'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    not_before bigint,
    findings text,
    CONSTRAINT ck_lead_list_entries_status CHECK ((status = ANY (ARRAY['queued'::text, 'processing'::text, 'done'::text, 'failed'::text, 'canceled'::text])))
);
CREATE TABLE public.lead_lists (
    id bigint NOT NULL,
    public_id text NOT NULL COLLATE pg_catalog."C",
    workspace_id bigint NOT NULL,
    owner_id bigint NOT NULL,
    name text NOT NULL,
    type text NOT NULL,
    status text DEFAULT 'queued'::text NOT NULL,
    shared boolean DEFAULT false NOT NULL,
    visible boolean DEFAULT true NOT NULL,
    enrich boolean NOT NULL,
    validate_email boolean NOT NULL,
    reveal_phone_numbers boolean NOT NULL,
    capacity integer NOT NULL,
    entry_count integer DEFAULT 0 NOT NULL,
    last_sequence integer DEFAULT 0 NOT NULL,
    queued integer DEFAULT 0 NOT NULL,
    processing integer DEFAULT 0 NOT NULL,
    done integer DEFAULT 0 NOT NULL,
    failed integer DEFAULT 0 NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    deleted_at bigint,
    CONSTRAINT ck_lead_lists_capacity CHECK (((entry_count >= 0) AND (entry_count <= capacity))),
    CONSTRAINT ck_lead_lists_progress CHECK (((queued >= 0) AND (processing >= 0) AND (done >= 0) AND (failed >= 0))),
    CONSTRAINT ck_lead_lists_progress_total CHECK (((((queued + processing) + done) + failed) <= entry_count)),
    CONSTRAINT ck_lead_lists_status CHECK ((status = ANY (ARRAY['queued'::text, 'processing'::text, 'completed'::text, 'canceled'::text]))),
    CONSTRAINT ck_lead_lists_type CHECK ((type = ANY (ARRAY['linkedin'::text, 'email'::text, 'titles_and_company'::text])))
);
CREATE SEQUENCE public.lead_lists_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.lead_lists_id_seq OWNED BY public.lead_lists.id;
CREATE TABLE public.person_charges (
    workspace_id bigint NOT NULL,
    person_id text NOT NULL COLLATE pg_catalog."C",
    charged_at bigint NOT NULL
);
CREATE TABLE public.procrastinate_events (
    id bigint NOT NULL,
    job_id bigint NOT NULL,
    type public.procrastinate_job_event_type,
    at timestamp with time zone DEFAULT now()
);
CREATE SEQUENCE public.procrastinate_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.procrastinate_events_id_seq OWNED BY public.procrastinate_events.id;
CREATE SEQUENCE public.procrastinate_jobs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.procrastinate_jobs_id_seq OWNED BY public.procrastinate_jobs.id;
CREATE TABLE public.procrastinate_periodic_defers (
    id bigint NOT NULL,
    task_name character varying(128) NOT NULL,
    defer_timestamp bigint,
    job_id bigint,
    periodic_id character varying(128) DEFAULT ''::character varying NOT NULL
);
CREATE SEQUENCE public.procrastinate_periodic_defers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.procrastinate_periodic_defers_id_seq OWNED BY public.procrastinate_periodic_defers.id;
CREATE TABLE public.procrastinate_workers (
    id bigint NOT NULL,
    last_heartbeat timestamp with time zone DEFAULT now() NOT NULL
);
ALTER TABLE public.procrastinate_workers ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.procrastinate_workers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.users (
    id bigint NOT NULL,
    public_id text NOT NULL COLLATE pg_catalog."C",
    account_id bigint NOT NULL,
    name text NOT NULL,
    email text NOT NULL COLLATE pg_catalog."C",
    role text NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    created_at bigint NOT NULL,
    CONSTRAINT ck_users_role CHECK ((role = ANY (ARRAY['admin'::text, 'member'::text])))
);
CREATE SEQUENCE public.users_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.users_id_seq OWNED BY public.users.id;
CREATE TABLE public.workspaces (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    mode text NOT NULL,
    CONSTRAINT ck_workspaces_mode CHECK ((mode = ANY (ARRAY['live'::text, 'test'::text])))
);
CREATE SEQUENCE public.workspaces_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.workspaces_id_seq OWNED BY public.workspaces.id;
ALTER TABLE ONLY public.accounts ALTER COLUMN id SET DEFAULT nextval('public.accounts_id_seq'::regclass);
ALTER TABLE ONLY public.additions ALTER COLUMN id SET DEFAULT nextval('public.additions_id_seq'::regclass);
ALTER TABLE ONLY public.api_keys ALTER COLUMN id SET DEFAULT nextval('public.api_keys_id_seq'::regclass);
ALTER TABLE ONLY public.credit_entries ALTER COLUMN id SET DEFAULT nextval('public.credit_entries_id_seq'::regclass);
ALTER TABLE ONLY public.directory_companies ALTER COLUMN id SET DEFAULT nextval('public.directory_companies_id_seq'::regclass);
ALTER TABLE ONLY public.directory_people ALTER COLUMN id SET DEFAULT nextval('public.directory_people_id_seq'::regclass);
ALTER TABLE ONLY public.lead_lists ALTER COLUMN id SET DEFAULT nextval('public.lead_lists_id_seq'::regclass);
ALTER TABLE ONLY public.procrastinate_events ALTER COLUMN id SET DEFAULT nextval('public.procrastinate_events_id_seq'::regclass);
ALTER TABLE ONLY public.procrastinate_jobs ALTER COLUMN id SET DEFAULT nextval('public.procrastinate_jobs_id_seq'::regclass);
ALTER TABLE ONLY public.procrastinate_periodic_defers ALTER COLUMN id SET DEFAULT nextval('public.procrastinate_periodic_defers_id_seq'::regclass);
ALTER TABLE ONLY public.users ALTER COLUMN id SET DEFAULT nextval('public.users_id_seq'::regclass);
ALTER TABLE ONLY public.workspaces ALTER COLUMN id SET DEFAULT nextval('public.workspaces_id_seq'::regclass);
INSERT INTO public.accounts VALUES (1, '01a2189d-bdbf-7ef6-86c6-832ee9805d0a', 'Leadyard', 1795709320639);
INSERT INTO public.additions VALUES (1, '01a2189d-c318-7063-b1cc-92eb2dca9904', 1, 1, 1, 5, 1, 4, '[[1,"duplicate_in_batch",0]]', true, true, true, '{"person_found":500,"email_revealed":1000,"email_validated":1000,"phone_revealed":1000}', 0, 0, 5500, 2000, 1795709322008);
INSERT INTO public.additions VALUES (2, '01a2189d-c833-7beb-bacb-6de6b6b8df6d', 2, 1, 1, 2, 1, 2, '[]', true, true, true, '{"person_found":500,"email_revealed":1000,"email_validated":1000,"phone_revealed":1000}', 2500, 1000, 1000, 0, 1795709323315);
INSERT INTO public.additions VALUES (3, '01a2189d-cafc-70c8-898f-52e983e7a023', 3, 1, 1, 0, 1, 0, '[]', true, true, true, '{"person_found":500,"email_revealed":1000,"email_validated":1000,"phone_revealed":1000}', 0, 0, 0, 0, 1795709324028);
INSERT INTO public.additions VALUES (4, '01a2189d-cbaf-7d8c-bfd4-650ab51bc12c', 3, 1, 1, 20, 1, 20, '[]', true, true, true, '{"person_found":500,"email_revealed":1000,"email_validated":1000,"phone_revealed":1000}', 50000, 20000, 0, 0, 1795709324207);
INSERT INTO public.additions VALUES (5, '01a2189d-cc6b-7fe2-8f6e-ea619d59280c', 3, 1, 1, 120, 21, 100, '[[0,"duplicate_in_list",1],[1,"duplicate_in_list",2],[2,"duplicate_in_list",3],[3,"duplicate_in_list",4],[4,"duplicate_in_list",5],[5,"duplicate_in_list",6],[6,"duplicate_in_list",7],[7,"duplicate_in_list",8],[8,"duplicate_in_list",9],[9,"duplicate_in_list",10],[10,"duplicate_in_list",11],[11,"duplicate_in_list",12],[12,"duplicate_in_list",13],[13,"duplicate_in_list",14],[14,"duplicate_in_list",15],[15,"duplicate_in_list",16],[16,"duplicate_in_list",17],[17,"duplicate_in_list",18],[18,"duplicate_in_list",19],[19,"duplicate_in_list",20]]', true, true, true, '{"person_found":500,"email_revealed":1000,"email_validated":1000,"phone_revealed":1000}', 250000, 100000, 0, 0, 1795709324395);
INSERT INTO public.additions VALUES (6, '01a2189d-cd5d-719b-b5e5-d70325da020c', 4, 1, 1, 1, 1, 1, '[]', true, false, false, '{"person_found":500,"email_revealed":1000,"email_validated":1000,"phone_revealed":1000}', 1500, 0, 0, 0, 1795709324637);
INSERT INTO public.additions VALUES (7, '01a2189d-ce2c-7b5b-a5e0-069e1df2e356', 5, 1, 1, 1, 1, 1, '[]', false, false, false, '{"person_found":500,"email_revealed":1000,"email_validated":1000,"phone_revealed":1000}', 0, 0, 0, 0, 1795709324844);
INSERT INTO public.additions VALUES (8, '01a2189d-ced8-709c-ab78-ba47aebb2087', 6, 1, 1, 3, 1, 3, '[]', true, true, true, '{"person_found":500,"email_revealed":1000,"email_validated":1000,"phone_revealed":1000}', 7500, 3000, 0, 0, 1795709325016);
INSERT INTO public.additions VALUES (9, '01a2189d-d01b-7d98-a573-eb07356f9c62', 7, 1, 1, 2, 1, 2, '[]', true, true, true, '{"person_found":500,"email_revealed":1000,"email_validated":1000,"phone_revealed":1000}', 0, 0, 0, 0, 1795709325339);
INSERT INTO public.additions VALUES (10, '01a2189d-d236-7b0d-9a3c-e72b8ed9e4d0', 8, 1, 1, 2, 1, 2, '[]', true, true, true, '{"person_found":500,"email_revealed":1000,"email_validated":1000,"phone_revealed":1000}', 0, 0, 0, 0, 1795709325878);
INSERT INTO public.alembic_version VALUES ('0001');
INSERT INTO public.api_keys VALUES (1, '01a2189d-bdbf-712e-84a6-95c2cdc3ac3b', 2, 1, 'first key', 'admin', 'dc27bd9801617a6f062cab3a97f91cb3f05cdda75155b58b8a08f8c6fe8d22cb', 'tttt', 1795709320639, NULL);
INSERT INTO public.api_keys VALUES (2, '01a2189d-c022-7fe6-9b4c-738a6721876c', 1, 1, 'live', 'admin', '9e855140f7c5b21821e4d6d65e81d3ae8998fcdd863497a74a9260c5790e70a9', 'llll', 1795709321250, NULL);
INSERT INTO public.credit_balances VALUES (1, 'email', 100000000, 0);
INSERT INTO public.credit_balances VALUES (1, 'phone', 100000000, 0);
INSERT INTO public.credit_balances VALUES (2, 'email', 99993500, 311500);
INSERT INTO public.credit_balances VALUES (2, 'phone', 99998000, 124000);
INSERT INTO public.credit_entries VALUES (1, 1, 'email', 100000000, 'initial_grant', NULL, 1, NULL, NULL, NULL, NULL, 'initial_grant:01a2189d-bdbf-7817-9a83-dd0ac74cef19', 1795709320639);
INSERT INTO public.credit_entries VALUES (2, 1, 'phone', 100000000, 'initial_grant', NULL, 1, NULL, NULL, NULL, NULL, 'initial_grant:01a2189d-bdbf-7ff9-bd87-aeabfa8e3795', 1795709320639);
INSERT INTO public.credit_entries VALUES (3, 2, 'email', 100000000, 'initial_grant', NULL, 1, NULL, NULL, NULL, NULL, 'initial_grant:01a2189d-bdbf-7532-bf45-ac7cf8d3f1de', 1795709320639);
INSERT INTO public.credit_entries VALUES (4, 2, 'phone', 100000000, 'initial_grant', NULL, 1, NULL, NULL, NULL, NULL, 'initial_grant:01a2189d-bdbf-77a3-9e13-a3749b01220d', 1795709320639);
INSERT INTO public.credit_entries VALUES (5, 2, 'email', -500, 'person_found', NULL, 1, 1, 1, 1, 1, 'person:81f8f6dd-e883-85f3-9287-96ec7aa53f72:1795709322743', 1795709322743);
INSERT INTO public.credit_entries VALUES (6, 2, 'email', -1000, 'email_revealed', NULL, 1, 1, 1, 1, 1, 'email:81f8f6dd-e883-85f3-9287-96ec7aa53f72', 1795709322743);
INSERT INTO public.credit_entries VALUES (7, 2, 'email', -1000, 'email_validated', NULL, 1, 1, 1, 1, 1, 'validation:01a2189d-c318-76ca-bfd1-bbc6a640944d:jane@drift-harbor.example', 1795709322743);
INSERT INTO public.credit_entries VALUES (8, 2, 'phone', -1000, 'phone_revealed', NULL, 1, 1, 1, 1, 1, 'phone:81f8f6dd-e883-85f3-9287-96ec7aa53f72', 1795709322743);
INSERT INTO public.credit_entries VALUES (9, 2, 'email', -500, 'person_found', NULL, 1, 1, 1, 1, 3, 'person:8adabe0b-d094-8f95-8c59-fee467e901df:1795709322743', 1795709322743);
INSERT INTO public.credit_entries VALUES (10, 2, 'phone', -1000, 'phone_revealed', NULL, 1, 1, 1, 1, 3, 'phone:8adabe0b-d094-8f95-8c59-fee467e901df', 1795709322743);
INSERT INTO public.credit_entries VALUES (11, 2, 'email', -500, 'person_found', NULL, 1, 1, 1, 1, 4, 'person:3c4eb00e-1b20-8251-b375-64e606e3ec14:1795709322743', 1795709322743);
INSERT INTO public.credit_entries VALUES (12, 2, 'email', -1000, 'email_revealed', NULL, 1, 1, 1, 1, 4, 'email:3c4eb00e-1b20-8251-b375-64e606e3ec14', 1795709322743);
INSERT INTO public.credit_entries VALUES (13, 2, 'email', -1000, 'email_validated', NULL, 1, 1, 1, 1, 4, 'validation:01a2189d-c318-76ca-bfd1-bbc6a640944d:phil-nophone@birch-and-bell.example', 1795709322743);
INSERT INTO public.credit_entries VALUES (15, 2, 'email', -1000, 'email_validated', NULL, 1, 1, 1, 2, 2, 'validation:01a2189d-c833-740a-b968-a9ecea31a3a8:jane@drift-harbor.example', 1795709323693);
INSERT INTO public.idempotency_keys VALUES (2, 'once', '46a6b5db47622335e49b4d7fa7fdf418428c032af01c4d0abcaa0c7af15f4b07', 202, '{"Location":"/lead-lists/01a2189d-cafc-7164-9817-7f04a3fa0441/additions/01a2189d-cc6b-7fe2-8f6e-ea619d59280c"}', '{"total":120,"total_added_to_lead_list":100}', 1795709324395);
INSERT INTO public.lead_list_entries VALUES (3, 1, 'person-0', '{"linkedin_url":"linkedin.com/in/person-0","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 2, 'person-1', '{"linkedin_url":"linkedin.com/in/person-1","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 3, 'person-2', '{"linkedin_url":"linkedin.com/in/person-2","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 4, 'person-3', '{"linkedin_url":"linkedin.com/in/person-3","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (1, 1, 'jane', '{"linkedin_url":"linkedin.com/in/jane","note":"Ünïcode 😀"}', 'done', 1, NULL, '{"enrich":"found","validate":"found","reveal":"found","person":{"id":"81f8f6dd-e883-85f3-9287-96ec7aa53f72","email":"jane@drift-harbor.example","first_name":"Anders","last_name":"Jansen","title":"Product Manager","company":{"name":"Drift Harbor","domain":"drift-harbor.example"},"phone_numbers":[{"number":"+17025550118","type":"mobile"}]},"verdict":{"email":"jane@drift-harbor.example","result":"deliverable","reason":"sandbox","catch_all":false,"is_complete":true,"mail_hosts":[]},"provenance":{"email":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:42.711980Z","confidence":1.0,"cost":0.0},"first_name":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:42.711980Z","confidence":1.0,"cost":0.0},"last_name":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:42.711980Z","confidence":1.0,"cost":0.0},"title":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:42.711980Z","confidence":1.0,"cost":0.0},"company_name":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:42.711980Z","confidence":1.0,"cost":0.0},"company_domain":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:42.711980Z","confidence":1.0,"cost":0.0},"email_validation_result":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:42.711980Z","confidence":1.0,"cost":0.0},"phone_numbers":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:42.711980Z","confidence":1.0,"cost":0.0}}}');
INSERT INTO public.lead_list_entries VALUES (1, 2, 'nina-notfound', '{"linkedin_url":"linkedin.com/in/nina-notfound","note":"Ünïcode 😀"}', 'done', 1, NULL, '{"enrich":"not_found","validate":"skipped","reveal":"skipped"}');
INSERT INTO public.lead_list_entries VALUES (1, 3, 'noel-noemail', '{"linkedin_url":"linkedin.com/in/noel-noemail","note":"Ünïcode 😀"}', 'done', 1, NULL, '{"enrich":"found","validate":"skipped","reveal":"found","person":{"id":"8adabe0b-d094-8f95-8c59-fee467e901df","first_name":"Ivan","last_name":"Varga","title":"Data Engineer","company":{"name":"Fernway Logistics","domain":"fernway-logistics.example"},"phone_numbers":[{"number":"+442079460843","type":"work"}]},"provenance":{"first_name":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:42.712659Z","confidence":1.0,"cost":0.0},"last_name":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:42.712659Z","confidence":1.0,"cost":0.0},"title":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:42.712659Z","confidence":1.0,"cost":0.0},"company_name":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:42.712659Z","confidence":1.0,"cost":0.0},"company_domain":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:42.712659Z","confidence":1.0,"cost":0.0},"phone_numbers":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:42.712659Z","confidence":1.0,"cost":0.0}}}');
INSERT INTO public.lead_list_entries VALUES (1, 4, 'phil-nophone', '{"linkedin_url":"linkedin.com/in/phil-nophone","note":"Ünïcode 😀"}', 'done', 1, NULL, '{"enrich":"found","validate":"found","reveal":"not_found","person":{"id":"3c4eb00e-1b20-8251-b375-64e606e3ec14","email":"phil-nophone@birch-and-bell.example","first_name":"Hugo","last_name":"Jansen","title":"VP Sales","company":{"name":"Birch and Bell","domain":"birch-and-bell.example"}},"verdict":{"email":"phil-nophone@birch-and-bell.example","result":"deliverable","reason":"sandbox","catch_all":false,"is_complete":true,"mail_hosts":[]},"provenance":{"email":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:42.712836Z","confidence":1.0,"cost":0.0},"first_name":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:42.712836Z","confidence":1.0,"cost":0.0},"last_name":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:42.712836Z","confidence":1.0,"cost":0.0},"title":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:42.712836Z","confidence":1.0,"cost":0.0},"company_name":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:42.712836Z","confidence":1.0,"cost":0.0},"company_domain":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:42.712836Z","confidence":1.0,"cost":0.0},"email_validation_result":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:42.712836Z","confidence":1.0,"cost":0.0}}}');
INSERT INTO public.lead_list_entries VALUES (2, 1, 'una-unavailable', '{"linkedin_url":"linkedin.com/in/una-unavailable","note":"Ünïcode 😀"}', 'queued', 1, 1795709324665, '{}');
INSERT INTO public.lead_list_entries VALUES (2, 2, 'jane', '{"linkedin_url":"linkedin.com/in/jane","note":"Ünïcode 😀"}', 'done', 1, NULL, '{"enrich":"found","validate":"found","reveal":"found","person":{"id":"81f8f6dd-e883-85f3-9287-96ec7aa53f72","email":"jane@drift-harbor.example","first_name":"Anders","last_name":"Jansen","title":"Product Manager","company":{"name":"Drift Harbor","domain":"drift-harbor.example"},"phone_numbers":[{"number":"+17025550118","type":"mobile"}]},"verdict":{"email":"jane@drift-harbor.example","result":"deliverable","reason":"sandbox","catch_all":false,"is_complete":true,"mail_hosts":[]},"provenance":{"email":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:43.665390Z","confidence":1.0,"cost":0.0},"first_name":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:43.665390Z","confidence":1.0,"cost":0.0},"last_name":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:43.665390Z","confidence":1.0,"cost":0.0},"title":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:43.665390Z","confidence":1.0,"cost":0.0},"company_name":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:43.665390Z","confidence":1.0,"cost":0.0},"company_domain":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:43.665390Z","confidence":1.0,"cost":0.0},"email_validation_result":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:43.665390Z","confidence":1.0,"cost":0.0},"phone_numbers":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:43.665390Z","confidence":1.0,"cost":0.0}}}');
INSERT INTO public.lead_list_entries VALUES (3, 5, 'person-4', '{"linkedin_url":"linkedin.com/in/person-4","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 6, 'person-5', '{"linkedin_url":"linkedin.com/in/person-5","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 7, 'person-6', '{"linkedin_url":"linkedin.com/in/person-6","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 8, 'person-7', '{"linkedin_url":"linkedin.com/in/person-7","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 9, 'person-8', '{"linkedin_url":"linkedin.com/in/person-8","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 10, 'person-9', '{"linkedin_url":"linkedin.com/in/person-9","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 11, 'person-10', '{"linkedin_url":"linkedin.com/in/person-10","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 12, 'person-11', '{"linkedin_url":"linkedin.com/in/person-11","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 13, 'person-12', '{"linkedin_url":"linkedin.com/in/person-12","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 14, 'person-13', '{"linkedin_url":"linkedin.com/in/person-13","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 15, 'person-14', '{"linkedin_url":"linkedin.com/in/person-14","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 16, 'person-15', '{"linkedin_url":"linkedin.com/in/person-15","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 17, 'person-16', '{"linkedin_url":"linkedin.com/in/person-16","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 18, 'person-17', '{"linkedin_url":"linkedin.com/in/person-17","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 19, 'person-18', '{"linkedin_url":"linkedin.com/in/person-18","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 20, 'person-19', '{"linkedin_url":"linkedin.com/in/person-19","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 21, 'person-20', '{"linkedin_url":"linkedin.com/in/person-20","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 22, 'person-21', '{"linkedin_url":"linkedin.com/in/person-21","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 23, 'person-22', '{"linkedin_url":"linkedin.com/in/person-22","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 24, 'person-23', '{"linkedin_url":"linkedin.com/in/person-23","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 25, 'person-24', '{"linkedin_url":"linkedin.com/in/person-24","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 26, 'person-25', '{"linkedin_url":"linkedin.com/in/person-25","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 27, 'person-26', '{"linkedin_url":"linkedin.com/in/person-26","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 28, 'person-27', '{"linkedin_url":"linkedin.com/in/person-27","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 29, 'person-28', '{"linkedin_url":"linkedin.com/in/person-28","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 30, 'person-29', '{"linkedin_url":"linkedin.com/in/person-29","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 31, 'person-30', '{"linkedin_url":"linkedin.com/in/person-30","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 32, 'person-31', '{"linkedin_url":"linkedin.com/in/person-31","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 33, 'person-32', '{"linkedin_url":"linkedin.com/in/person-32","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 34, 'person-33', '{"linkedin_url":"linkedin.com/in/person-33","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 35, 'person-34', '{"linkedin_url":"linkedin.com/in/person-34","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 36, 'person-35', '{"linkedin_url":"linkedin.com/in/person-35","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 37, 'person-36', '{"linkedin_url":"linkedin.com/in/person-36","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 38, 'person-37', '{"linkedin_url":"linkedin.com/in/person-37","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 39, 'person-38', '{"linkedin_url":"linkedin.com/in/person-38","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 40, 'person-39', '{"linkedin_url":"linkedin.com/in/person-39","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 41, 'person-40', '{"linkedin_url":"linkedin.com/in/person-40","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 42, 'person-41', '{"linkedin_url":"linkedin.com/in/person-41","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 43, 'person-42', '{"linkedin_url":"linkedin.com/in/person-42","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 44, 'person-43', '{"linkedin_url":"linkedin.com/in/person-43","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 45, 'person-44', '{"linkedin_url":"linkedin.com/in/person-44","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 46, 'person-45', '{"linkedin_url":"linkedin.com/in/person-45","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 47, 'person-46', '{"linkedin_url":"linkedin.com/in/person-46","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 48, 'person-47', '{"linkedin_url":"linkedin.com/in/person-47","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 49, 'person-48', '{"linkedin_url":"linkedin.com/in/person-48","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 50, 'person-49', '{"linkedin_url":"linkedin.com/in/person-49","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 51, 'person-50', '{"linkedin_url":"linkedin.com/in/person-50","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 52, 'person-51', '{"linkedin_url":"linkedin.com/in/person-51","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 53, 'person-52', '{"linkedin_url":"linkedin.com/in/person-52","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 54, 'person-53', '{"linkedin_url":"linkedin.com/in/person-53","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 55, 'person-54', '{"linkedin_url":"linkedin.com/in/person-54","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 56, 'person-55', '{"linkedin_url":"linkedin.com/in/person-55","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 57, 'person-56', '{"linkedin_url":"linkedin.com/in/person-56","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 58, 'person-57', '{"linkedin_url":"linkedin.com/in/person-57","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 59, 'person-58', '{"linkedin_url":"linkedin.com/in/person-58","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 60, 'person-59', '{"linkedin_url":"linkedin.com/in/person-59","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 61, 'person-60', '{"linkedin_url":"linkedin.com/in/person-60","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 62, 'person-61', '{"linkedin_url":"linkedin.com/in/person-61","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 63, 'person-62', '{"linkedin_url":"linkedin.com/in/person-62","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 64, 'person-63', '{"linkedin_url":"linkedin.com/in/person-63","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 65, 'person-64', '{"linkedin_url":"linkedin.com/in/person-64","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 66, 'person-65', '{"linkedin_url":"linkedin.com/in/person-65","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 67, 'person-66', '{"linkedin_url":"linkedin.com/in/person-66","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 68, 'person-67', '{"linkedin_url":"linkedin.com/in/person-67","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 69, 'person-68', '{"linkedin_url":"linkedin.com/in/person-68","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 70, 'person-69', '{"linkedin_url":"linkedin.com/in/person-69","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 71, 'person-70', '{"linkedin_url":"linkedin.com/in/person-70","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 72, 'person-71', '{"linkedin_url":"linkedin.com/in/person-71","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 73, 'person-72', '{"linkedin_url":"linkedin.com/in/person-72","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 74, 'person-73', '{"linkedin_url":"linkedin.com/in/person-73","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 75, 'person-74', '{"linkedin_url":"linkedin.com/in/person-74","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 76, 'person-75', '{"linkedin_url":"linkedin.com/in/person-75","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (4, 1, 'ceo	acme', '{"title":"CEO","company_name":"Acme Inc"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 77, 'person-76', '{"linkedin_url":"linkedin.com/in/person-76","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 78, 'person-77', '{"linkedin_url":"linkedin.com/in/person-77","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 79, 'person-78', '{"linkedin_url":"linkedin.com/in/person-78","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 80, 'person-79', '{"linkedin_url":"linkedin.com/in/person-79","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 81, 'person-80', '{"linkedin_url":"linkedin.com/in/person-80","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 82, 'person-81', '{"linkedin_url":"linkedin.com/in/person-81","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 83, 'person-82', '{"linkedin_url":"linkedin.com/in/person-82","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 84, 'person-83', '{"linkedin_url":"linkedin.com/in/person-83","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 85, 'person-84', '{"linkedin_url":"linkedin.com/in/person-84","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 86, 'person-85', '{"linkedin_url":"linkedin.com/in/person-85","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 87, 'person-86', '{"linkedin_url":"linkedin.com/in/person-86","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 88, 'person-87', '{"linkedin_url":"linkedin.com/in/person-87","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 89, 'person-88', '{"linkedin_url":"linkedin.com/in/person-88","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 90, 'person-89', '{"linkedin_url":"linkedin.com/in/person-89","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 91, 'person-90', '{"linkedin_url":"linkedin.com/in/person-90","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 92, 'person-91', '{"linkedin_url":"linkedin.com/in/person-91","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 93, 'person-92', '{"linkedin_url":"linkedin.com/in/person-92","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 94, 'person-93', '{"linkedin_url":"linkedin.com/in/person-93","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 95, 'person-94', '{"linkedin_url":"linkedin.com/in/person-94","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 96, 'person-95', '{"linkedin_url":"linkedin.com/in/person-95","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 97, 'person-96', '{"linkedin_url":"linkedin.com/in/person-96","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 98, 'person-97', '{"linkedin_url":"linkedin.com/in/person-97","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 99, 'person-98', '{"linkedin_url":"linkedin.com/in/person-98","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 100, 'person-99', '{"linkedin_url":"linkedin.com/in/person-99","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 101, 'person-100', '{"linkedin_url":"linkedin.com/in/person-100","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 102, 'person-101', '{"linkedin_url":"linkedin.com/in/person-101","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 103, 'person-102', '{"linkedin_url":"linkedin.com/in/person-102","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 104, 'person-103', '{"linkedin_url":"linkedin.com/in/person-103","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 105, 'person-104', '{"linkedin_url":"linkedin.com/in/person-104","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 106, 'person-105', '{"linkedin_url":"linkedin.com/in/person-105","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 107, 'person-106', '{"linkedin_url":"linkedin.com/in/person-106","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 108, 'person-107', '{"linkedin_url":"linkedin.com/in/person-107","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 109, 'person-108', '{"linkedin_url":"linkedin.com/in/person-108","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 110, 'person-109', '{"linkedin_url":"linkedin.com/in/person-109","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 111, 'person-110', '{"linkedin_url":"linkedin.com/in/person-110","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 112, 'person-111', '{"linkedin_url":"linkedin.com/in/person-111","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 113, 'person-112', '{"linkedin_url":"linkedin.com/in/person-112","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 114, 'person-113', '{"linkedin_url":"linkedin.com/in/person-113","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 115, 'person-114', '{"linkedin_url":"linkedin.com/in/person-114","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 116, 'person-115', '{"linkedin_url":"linkedin.com/in/person-115","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 117, 'person-116', '{"linkedin_url":"linkedin.com/in/person-116","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 118, 'person-117', '{"linkedin_url":"linkedin.com/in/person-117","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 119, 'person-118', '{"linkedin_url":"linkedin.com/in/person-118","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (3, 120, 'person-119', '{"linkedin_url":"linkedin.com/in/person-119","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (5, 1, 'ann@acme.example', '{"email":"ann@acme.example"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (6, 3, 'c', '{"linkedin_url":"linkedin.com/in/c","note":"Ünïcode 😀"}', 'queued', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (6, 1, 'a', '{"linkedin_url":"linkedin.com/in/a","note":"Ünïcode 😀"}', 'processing', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (6, 2, 'b', '{"linkedin_url":"linkedin.com/in/b","note":"Ünïcode 😀"}', 'processing', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (7, 1, 'x', '{"linkedin_url":"linkedin.com/in/x","note":"Ünïcode 😀"}', 'canceled', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (7, 2, 'y', '{"linkedin_url":"linkedin.com/in/y","note":"Ünïcode 😀"}', 'canceled', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (8, 1, 'x', '{"linkedin_url":"linkedin.com/in/x","note":"Ünïcode 😀"}', 'canceled', 0, NULL, NULL);
INSERT INTO public.lead_list_entries VALUES (8, 2, 'y', '{"linkedin_url":"linkedin.com/in/y","note":"Ünïcode 😀"}', 'canceled', 0, NULL, NULL);
INSERT INTO public.lead_lists VALUES (1, '01a2189d-c318-76ca-bfd1-bbc6a640944d', 2, 1, 'completed', 'linkedin', 'completed', true, true, true, true, true, 60000, 4, 4, 0, 0, 4, 0, 1795709322008, 1795709322743, NULL);
INSERT INTO public.lead_lists VALUES (2, '01a2189d-c833-740a-b968-a9ecea31a3a8', 2, 1, 'waiting', 'linkedin', 'processing', true, true, true, true, true, 60000, 2, 2, 1, 0, 1, 0, 1795709323315, 1795709323693, NULL);
INSERT INTO public.lead_lists VALUES (3, '01a2189d-cafc-7164-9817-7f04a3fa0441', 2, 1, 'queued', 'linkedin', 'queued', true, true, true, true, true, 60000, 120, 120, 120, 0, 0, 0, 1795709324028, 1795709324395, NULL);
INSERT INTO public.lead_lists VALUES (4, '01a2189d-cd5d-7d5a-94ec-a6e332135276', 2, 1, 'titles', 'titles_and_company', 'queued', true, true, true, false, false, 60000, 1, 1, 1, 0, 0, 0, 1795709324637, 1795709324637, NULL);
INSERT INTO public.lead_lists VALUES (5, '01a2189d-ce2c-7067-905a-71a37f166955', 2, 1, 'plain', 'email', 'queued', true, true, false, false, false, 60000, 1, 1, 1, 0, 0, 0, 1795709324844, 1795709324844, NULL);
INSERT INTO public.lead_lists VALUES (6, '01a2189d-ced8-7310-9f8d-9304d27c474a', 2, 1, 'processing', 'linkedin', 'processing', true, true, true, true, true, 60000, 3, 3, 1, 2, 0, 0, 1795709325016, 1795709325016, NULL);
INSERT INTO public.lead_lists VALUES (7, '01a2189d-d01b-7602-a137-641b0ef27960', 2, 1, 'canceled', 'linkedin', 'canceled', true, true, true, true, true, 60000, 2, 2, 0, 0, 0, 0, 1795709325339, 1795709325611, NULL);
INSERT INTO public.lead_lists VALUES (8, '01a2189d-d236-7767-949b-eedba1aca5f4', 2, 1, 'deleted', 'linkedin', 'canceled', true, true, true, true, true, 60000, 2, 2, 0, 0, 0, 0, 1795709325878, 1795709326231, 1795709326231);
INSERT INTO public.person_charges VALUES (2, '3c4eb00e-1b20-8251-b375-64e606e3ec14', 1795709322743);
INSERT INTO public.person_charges VALUES (2, '81f8f6dd-e883-85f3-9287-96ec7aa53f72', 1795709322743);
INSERT INTO public.person_charges VALUES (2, '8adabe0b-d094-8f95-8c59-fee467e901df', 1795709322743);
INSERT INTO public.procrastinate_events VALUES (3, 2, 'deferred', '2026-11-26 16:08:43.319639+00');
INSERT INTO public.procrastinate_events VALUES (4, 2, 'started', '2026-11-26 16:08:43.490681+00');
INSERT INTO public.procrastinate_events VALUES (5, 2, 'scheduled', '2026-11-26 16:08:44.665+00');
INSERT INTO public.procrastinate_events VALUES (6, 2, 'deferred_for_retry', '2026-11-26 16:08:43.88012+00');
INSERT INTO public.procrastinate_events VALUES (7, 2, 'scheduled', '2026-11-26 16:08:44.665+00');
INSERT INTO public.procrastinate_events VALUES (8, 3, 'deferred', '2026-11-26 16:08:44.029004+00');
INSERT INTO public.procrastinate_events VALUES (9, 4, 'deferred', '2026-11-26 16:08:44.210064+00');
INSERT INTO public.procrastinate_events VALUES (10, 5, 'deferred', '2026-11-26 16:08:44.395946+00');
INSERT INTO public.procrastinate_events VALUES (11, 6, 'deferred', '2026-11-26 16:08:44.638098+00');
INSERT INTO public.procrastinate_events VALUES (12, 7, 'deferred', '2026-11-26 16:08:44.844659+00');
INSERT INTO public.procrastinate_events VALUES (13, 8, 'deferred', '2026-11-26 16:08:45.017518+00');
INSERT INTO public.procrastinate_events VALUES (14, 9, 'deferred', '2026-11-26 16:08:45.339643+00');
INSERT INTO public.procrastinate_events VALUES (15, 10, 'deferred', '2026-11-26 16:08:45.892421+00');
INSERT INTO public.procrastinate_jobs VALUES (2, 'leads', 'process_leads', -1, NULL, NULL, '{"list_id": 2, "addition_id": 2, "last_sequence": 2, "first_sequence": 1}', 'todo', '2026-11-26 16:08:44.665+00', 1, false, NULL);
INSERT INTO public.procrastinate_jobs VALUES (3, 'leads', 'process_leads', -1, NULL, NULL, '{"list_id": 3, "addition_id": 3, "last_sequence": 0, "first_sequence": 1}', 'todo', NULL, 0, false, NULL);
INSERT INTO public.procrastinate_jobs VALUES (4, 'leads', 'process_leads', -2, NULL, NULL, '{"list_id": 3, "addition_id": 4, "last_sequence": 20, "first_sequence": 1}', 'todo', NULL, 0, false, NULL);
INSERT INTO public.procrastinate_jobs VALUES (5, 'leads', 'process_leads', -3, NULL, NULL, '{"list_id": 3, "addition_id": 5, "last_sequence": 120, "first_sequence": 21}', 'todo', NULL, 0, false, NULL);
INSERT INTO public.procrastinate_jobs VALUES (6, 'leads', 'process_leads', -2, NULL, NULL, '{"list_id": 4, "addition_id": 6, "last_sequence": 1, "first_sequence": 1}', 'todo', NULL, 0, false, NULL);
INSERT INTO public.procrastinate_jobs VALUES (7, 'leads', 'process_leads', -2, NULL, NULL, '{"list_id": 5, "addition_id": 7, "last_sequence": 1, "first_sequence": 1}', 'todo', NULL, 0, false, NULL);
INSERT INTO public.procrastinate_jobs VALUES (8, 'leads', 'process_leads', -2, NULL, NULL, '{"list_id": 6, "addition_id": 8, "last_sequence": 3, "first_sequence": 1}', 'todo', NULL, 0, false, NULL);
INSERT INTO public.procrastinate_jobs VALUES (9, 'leads', 'process_leads', -2, NULL, NULL, '{"list_id": 7, "addition_id": 9, "last_sequence": 2, "first_sequence": 1}', 'todo', NULL, 0, false, NULL);
INSERT INTO public.procrastinate_jobs VALUES (10, 'leads', 'process_leads', -2, NULL, NULL, '{"list_id": 8, "addition_id": 10, "last_sequence": 2, "first_sequence": 1}', 'todo', NULL, 0, false, NULL);
INSERT INTO public.users VALUES (1, '01a2189d-bdbf-7067-acf0-1dfce6099b0e', 1, 'admin', 'admin@acme.example', 'admin', 'active', 1795709320639);
INSERT INTO public.workspaces VALUES (1, 1, 'live');
INSERT INTO public.workspaces VALUES (2, 1, 'test');
SELECT pg_catalog.setval('public.accounts_id_seq', 1, true);
SELECT pg_catalog.setval('public.additions_id_seq', 10, true);
SELECT pg_catalog.setval('public.api_keys_id_seq', 2, true);
SELECT pg_catalog.setval('public.credit_entries_id_seq', 16, true);
SELECT pg_catalog.setval('public.directory_companies_id_seq', 1, false);
SELECT pg_catalog.setval('public.directory_people_id_seq', 1, false);
SELECT pg_catalog.setval('public.lead_lists_id_seq', 8, true);
SELECT pg_catalog.setval('public.procrastinate_events_id_seq', 15, true);
SELECT pg_catalog.setval('public.procrastinate_jobs_id_seq', 10, true);
SELECT pg_catalog.setval('public.procrastinate_periodic_defers_id_seq', 1, false);
SELECT pg_catalog.setval('public.procrastinate_workers_id_seq', 1, true);
SELECT pg_catalog.setval('public.users_id_seq', 1, true);
SELECT pg_catalog.setval('public.workspaces_id_seq', 2, true);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT pk_accounts PRIMARY KEY (id);
ALTER TABLE ONLY public.additions
    ADD CONSTRAINT pk_additions PRIMARY KEY (id);
ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT pk_api_keys PRIMARY KEY (id);
ALTER TABLE ONLY public.credit_balances
    ADD CONSTRAINT pk_credit_balances PRIMARY KEY (workspace_id, kind);
ALTER TABLE ONLY public.credit_entries
    ADD CONSTRAINT pk_credit_entries PRIMARY KEY (id);
ALTER TABLE ONLY public.directory_companies
    ADD CONSTRAINT pk_directory_companies PRIMARY KEY (id);
ALTER TABLE ONLY public.directory_people
    ADD CONSTRAINT pk_directory_people PRIMARY KEY (id);
ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT pk_idempotency_keys PRIMARY KEY (workspace_id, key);
ALTER TABLE ONLY public.lead_list_entries
    ADD CONSTRAINT pk_lead_list_entries PRIMARY KEY (list_id, sequence);
ALTER TABLE ONLY public.lead_lists
    ADD CONSTRAINT pk_lead_lists PRIMARY KEY (id);
ALTER TABLE ONLY public.person_charges
    ADD CONSTRAINT pk_person_charges PRIMARY KEY (workspace_id, person_id);
ALTER TABLE ONLY public.users
    ADD CONSTRAINT pk_users PRIMARY KEY (id);
ALTER TABLE ONLY public.workspaces
    ADD CONSTRAINT pk_workspaces PRIMARY KEY (id);
ALTER TABLE ONLY public.procrastinate_events
    ADD CONSTRAINT procrastinate_events_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.procrastinate_jobs
    ADD CONSTRAINT procrastinate_jobs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_unique UNIQUE (task_name, periodic_id, defer_timestamp);
ALTER TABLE ONLY public.procrastinate_workers
    ADD CONSTRAINT procrastinate_workers_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT uq_accounts_public_id UNIQUE (public_id);
ALTER TABLE ONLY public.additions
    ADD CONSTRAINT uq_additions_public_id UNIQUE (public_id);
ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT uq_api_keys_digest UNIQUE (digest);
ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT uq_api_keys_public_id UNIQUE (public_id);
ALTER TABLE ONLY public.credit_entries
    ADD CONSTRAINT uq_credit_entries_workspace_id_charge_key UNIQUE (workspace_id, charge_key);
ALTER TABLE ONLY public.directory_companies
    ADD CONSTRAINT uq_directory_companies_key UNIQUE (key);
ALTER TABLE ONLY public.directory_people
    ADD CONSTRAINT uq_directory_people_key UNIQUE (key);
ALTER TABLE ONLY public.directory_people
    ADD CONSTRAINT uq_directory_people_public_id UNIQUE (public_id);
ALTER TABLE ONLY public.lead_list_entries
    ADD CONSTRAINT uq_lead_list_entries_list_id_key UNIQUE (list_id, key);
ALTER TABLE ONLY public.lead_lists
    ADD CONSTRAINT uq_lead_lists_public_id UNIQUE (public_id);
ALTER TABLE ONLY public.users
    ADD CONSTRAINT uq_users_account_id_email UNIQUE (account_id, email);
ALTER TABLE ONLY public.users
    ADD CONSTRAINT uq_users_public_id UNIQUE (public_id);
ALTER TABLE ONLY public.workspaces
    ADD CONSTRAINT uq_workspaces_account_id_mode UNIQUE (account_id, mode);
CREATE INDEX idx_procrastinate_jobs_worker_not_null ON public.procrastinate_jobs USING btree (worker_id) WHERE ((worker_id IS NOT NULL) AND (status = 'doing'::public.procrastinate_job_status));
CREATE INDEX idx_procrastinate_workers_last_heartbeat ON public.procrastinate_workers USING btree (last_heartbeat);
CREATE INDEX ix_additions_list ON public.additions USING btree (list_id, first_sequence);
CREATE INDEX ix_credit_entries_workspace ON public.credit_entries USING btree (workspace_id, id);
CREATE INDEX ix_directory_companies_domain ON public.directory_companies USING btree (domain);
CREATE INDEX ix_directory_companies_name_key ON public.directory_companies USING btree (name_key);
CREATE INDEX ix_directory_people_company ON public.directory_people USING btree (company_id, title_key);
CREATE INDEX ix_directory_people_email_key ON public.directory_people USING btree (email_key);
CREATE INDEX ix_directory_people_linkedin_key ON public.directory_people USING btree (linkedin_key);
CREATE INDEX ix_idempotency_keys_created_at ON public.idempotency_keys USING btree (created_at);
CREATE INDEX ix_lead_lists_unfinished ON public.lead_lists USING btree (updated_at) WHERE (status = ANY (ARRAY['queued'::text, 'processing'::text]));
CREATE INDEX ix_lead_lists_workspace ON public.lead_lists USING btree (workspace_id, id);
CREATE INDEX procrastinate_events_job_id_fkey_v1 ON public.procrastinate_events USING btree (job_id);
CREATE INDEX procrastinate_jobs_id_lock_idx_v1 ON public.procrastinate_jobs USING btree (id, lock) WHERE (status = ANY (ARRAY['todo'::public.procrastinate_job_status, 'doing'::public.procrastinate_job_status]));
CREATE UNIQUE INDEX procrastinate_jobs_lock_idx_v1 ON public.procrastinate_jobs USING btree (lock) WHERE (status = 'doing'::public.procrastinate_job_status);
CREATE INDEX procrastinate_jobs_priority_idx_v1 ON public.procrastinate_jobs USING btree (priority DESC, id) WHERE (status = 'todo'::public.procrastinate_job_status);
CREATE INDEX procrastinate_jobs_queue_name_idx_v1 ON public.procrastinate_jobs USING btree (queue_name);
CREATE UNIQUE INDEX procrastinate_jobs_queueing_lock_idx_v1 ON public.procrastinate_jobs USING btree (queueing_lock) WHERE (status = 'todo'::public.procrastinate_job_status);
CREATE INDEX procrastinate_periodic_defers_job_id_fkey_v1 ON public.procrastinate_periodic_defers USING btree (job_id);
CREATE TRIGGER procrastinate_jobs_notify_queue_job_aborted_v1 AFTER UPDATE OF abort_requested ON public.procrastinate_jobs FOR EACH ROW WHEN (((old.abort_requested = false) AND (new.abort_requested = true) AND (new.status = 'doing'::public.procrastinate_job_status))) EXECUTE FUNCTION public.procrastinate_notify_queue_abort_job_v1();
CREATE TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1 AFTER INSERT ON public.procrastinate_jobs FOR EACH ROW WHEN ((new.status = 'todo'::public.procrastinate_job_status)) EXECUTE FUNCTION public.procrastinate_notify_queue_job_inserted_v1();
CREATE TRIGGER procrastinate_trigger_abort_requested_events_v1 AFTER UPDATE OF abort_requested ON public.procrastinate_jobs FOR EACH ROW WHEN ((new.abort_requested = true)) EXECUTE FUNCTION public.procrastinate_trigger_abort_requested_events_procedure_v1();
CREATE TRIGGER procrastinate_trigger_delete_jobs_v1 BEFORE DELETE ON public.procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION public.procrastinate_unlink_periodic_defers_v1();
CREATE TRIGGER procrastinate_trigger_scheduled_events_v1 AFTER INSERT OR UPDATE ON public.procrastinate_jobs FOR EACH ROW WHEN (((new.scheduled_at IS NOT NULL) AND (new.status = 'todo'::public.procrastinate_job_status))) EXECUTE FUNCTION public.procrastinate_trigger_function_scheduled_events_v1();
CREATE TRIGGER procrastinate_trigger_status_events_insert_v1 AFTER INSERT ON public.procrastinate_jobs FOR EACH ROW WHEN ((new.status = 'todo'::public.procrastinate_job_status)) EXECUTE FUNCTION public.procrastinate_trigger_function_status_events_insert_v1();
CREATE TRIGGER procrastinate_trigger_status_events_update_v1 AFTER UPDATE OF status ON public.procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION public.procrastinate_trigger_function_status_events_update_v1();
ALTER TABLE ONLY public.additions
    ADD CONSTRAINT fk_additions_key_id FOREIGN KEY (key_id) REFERENCES public.api_keys(id);
ALTER TABLE ONLY public.additions
    ADD CONSTRAINT fk_additions_list_id FOREIGN KEY (list_id) REFERENCES public.lead_lists(id);
ALTER TABLE ONLY public.additions
    ADD CONSTRAINT fk_additions_user_id FOREIGN KEY (user_id) REFERENCES public.users(id);
ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT fk_api_keys_user_id FOREIGN KEY (user_id) REFERENCES public.users(id);
ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT fk_api_keys_workspace_id FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id);
ALTER TABLE ONLY public.credit_balances
    ADD CONSTRAINT fk_credit_balances_workspace_id FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id);
ALTER TABLE ONLY public.credit_entries
    ADD CONSTRAINT fk_credit_entries_admin_id FOREIGN KEY (admin_id) REFERENCES public.users(id);
ALTER TABLE ONLY public.credit_entries
    ADD CONSTRAINT fk_credit_entries_key_id FOREIGN KEY (key_id) REFERENCES public.api_keys(id);
ALTER TABLE ONLY public.credit_entries
    ADD CONSTRAINT fk_credit_entries_list_id FOREIGN KEY (list_id) REFERENCES public.lead_lists(id);
ALTER TABLE ONLY public.credit_entries
    ADD CONSTRAINT fk_credit_entries_user_id FOREIGN KEY (user_id) REFERENCES public.users(id);
ALTER TABLE ONLY public.credit_entries
    ADD CONSTRAINT fk_credit_entries_workspace_id FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id);
ALTER TABLE ONLY public.directory_people
    ADD CONSTRAINT fk_directory_people_company_id FOREIGN KEY (company_id) REFERENCES public.directory_companies(id);
ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT fk_idempotency_keys_workspace_id FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id);
ALTER TABLE ONLY public.lead_lists
    ADD CONSTRAINT fk_lead_lists_owner_id FOREIGN KEY (owner_id) REFERENCES public.users(id);
ALTER TABLE ONLY public.lead_lists
    ADD CONSTRAINT fk_lead_lists_workspace_id FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id);
ALTER TABLE ONLY public.person_charges
    ADD CONSTRAINT fk_person_charges_workspace_id FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id);
ALTER TABLE ONLY public.users
    ADD CONSTRAINT fk_users_account_id FOREIGN KEY (account_id) REFERENCES public.accounts(id);
ALTER TABLE ONLY public.workspaces
    ADD CONSTRAINT fk_workspaces_account_id FOREIGN KEY (account_id) REFERENCES public.accounts(id);
ALTER TABLE ONLY public.procrastinate_events
    ADD CONSTRAINT procrastinate_events_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.procrastinate_jobs(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.procrastinate_jobs
    ADD CONSTRAINT procrastinate_jobs_worker_id_fkey FOREIGN KEY (worker_id) REFERENCES public.procrastinate_workers(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.procrastinate_jobs(id);
