"""The `wishapp` command (also `python -m wishapp`)."""

from flask.cli import FlaskGroup

from wishapp import create_app

main = FlaskGroup(
    name="wishapp", help="Neighbourhood micro-wishes, matched fairly and followed to the end.", create_app=create_app,
    add_default_commands=False, add_version_option=False, load_dotenv=False, set_debug_flag=False,
)

if __name__ == "__main__":
    main()
