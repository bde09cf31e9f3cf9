// What a module returns to Streamlit: it is called once a component has left the page. Streamlit also calls it for a
// drawing that a later one overtook while the module was loading, when that one may have begun: nothing ends then.
function ending(parentElement, end) {
  return () => {
    if (!parentElement.isConnected) end();
  };
}
