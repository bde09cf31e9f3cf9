import streamlit as st

from crm.ui import session

session.actor()
st.title("start")
